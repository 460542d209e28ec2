"""gunicorn's configuration in production: `gunicorn -c python:mgestion.launch.web_server …`."""

from mgestion.settings.serving import WEB_PROCESSES, WEB_THREADS

bind = "0.0.0.0:8000"
workers = WEB_PROCESSES
worker_class = "gthread"
threads = WEB_THREADS
# A process whose main loop does not turn is killed; its threads are bounded by the limits of what
# they wait for (mgestion/settings/serving.py).
timeout = 60
graceful_timeout = 30  # to finish what runs, before a stop
keepalive = 125  # seconds: longer than the proxy keeps an idle connection (2 minutes)
worker_tmp_dir = "/dev/shm"  # noqa: S108  # the heartbeat of processes, never on a disk
control_socket_disable = True
forwarder_headers = ""  # no header of a request may change the script name
accesslog = "-"
logger_class = "mgestion.launch.access_log.MaskingLogger"
