"""Somebody with a browser that knows forms and cookies and no script, over HTTPS."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import lxml.html
import requests


class Page:
    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.url = response.url
        self.text = response.text

    @property
    def document(self) -> Any:
        return lxml.html.fromstring(self.text or "<html></html>", base_url=self.url)

    def form_with(self, field: str) -> Any:
        """The first form of the page that has a field of this name."""
        for form in self.document.forms:
            if form.method.upper() == "POST" and field in form.fields:
                return form
        raise AssertionError(f"{self.url} ({self.status}) has no form with {field!r}")


# What a company's employee answers to the request form, by the names of its fields.
REQUEST_ANSWERS: Final = {
    "kind": "entreprise",
    "last_name": "Essai",
    "first_name": "Camille",
    "phone": "01 99 00 12 34",
    "company_name": "Garage Lumière",
    "siret": "732 829 320 00074",
    "department": "75",
    "branch": "automobile",
    "profile": "ENT-GEST",
    "accept_terms": "on",
    "declaration": "on",
}


class Visitor:
    def __init__(self, url: str, authority: Path | str, **headers: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False  # neither its proxies nor its certificates
        self.session.verify = str(authority)
        self.session.headers.update({"Accept-Language": "fr", **headers})

    def get(self, address: str, **more: Any) -> Page:
        return Page(self.session.get(urljoin(self.url, address), timeout=60, **more))

    def submit(self, page: Page, field: str, /, **values: str) -> Page:
        """Sends the form that has `field` with these values, and what it holds already."""
        return self.send(page, page.form_with(field), **values)

    def send(self, page: Page, form: Any, /, files: Any = None, **values: str) -> Page:
        """The same for this form of the page. `files`: as requests takes them."""
        sent = dict(form.form_values())
        for name, value in values.items():
            assert name in form.fields, f"{page.url}: no field {name!r}"
            sent[name] = value
        return Page(
            self.session.post(
                urljoin(page.url, form.action or page.url),
                data=sent,
                files=files,
                headers={"Origin": self.url, "Referer": page.url},
                timeout=60,
            )
        )
