// A form that only exists to be sent on: the button stays for those without JavaScript.
"use strict";

document.querySelectorAll("form[data-send-now]").forEach((form) => form.submit());
