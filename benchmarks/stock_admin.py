"""The yardstick of `measure_queue`: the same table under an unmodified ModelAdmin."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from registrations.requests.models import Request


class StockRequestAdmin(admin.ModelAdmin[Request]):
    # Ours would be found by its name otherwise.
    change_list_template = "admin/change_list.html"
    list_display = (
        "reference",
        "last_name",
        "company_name",
        "siret",
        "kind",
        "department",
        "delegation",
        "branch",
        "dga",
        "due_at",
        "assignee",
        "status",
    )
    list_filter = ("status", "delegation", "dga", "kind")
    list_per_page = 50
    # Named: `True` leaves out the keys that may be null, with a statement for each row.
    list_select_related = ("department", "delegation", "branch", "dga", "assignee")
    search_fields = ("reference", "siret", "email_key", "name_key", "company_name", "phone")


class StockSite(admin.AdminSite):
    def get_urls(self) -> list[URLPattern | URLResolver]:
        """With the address that the search box of our header leads to."""
        return [path("recherche/", self.index, name="search"), *super().get_urls()]


site = StockSite(name="stock")
site.register(Request, StockRequestAdmin)
urlpatterns = [path("stock/", site.urls), path("", include("mgestion.urls"))]
