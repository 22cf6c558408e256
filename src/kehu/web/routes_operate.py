"""Pages of those who run the installation: operations, alerts, webhooks."""

from django.urls import path

from kehu.web.views import operate

urlpatterns = [
    path("operate", operate.show_operate, name="operate"),
    path("metrics", operate.metrics, name="metrics"),
]
