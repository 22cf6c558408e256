"""Addresses of the timeline of a customer."""

from django.urls import path

from kehu.web.views import timeline

TIMELINE = "customers/<uuid:customer_id>/timeline"
urlpatterns = [
    path(TIMELINE, timeline.show_timeline, name="timeline"),
    path(f"{TIMELINE}/export", timeline.export_timeline, name="timeline_export"),
    path(f"{TIMELINE}/<uuid:row_id>", timeline.show_row, name="timeline_row"),
    path(f"{TIMELINE}/<uuid:row_id>/files/<int:number>", timeline.open_file, name="timeline_file"),
]
