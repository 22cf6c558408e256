"""Pages of those who run the installation: operations, alerts, webhooks."""

from django.urls import path

from kehu.web.views import alerts, operate, webhooks

WEBHOOK = "operate/webhooks/<int:webhook_id>"
urlpatterns = [
    path("operate", operate.show_operate, name="operate"),
    path("metrics", operate.metrics, name="metrics"),
    path("operate/alerts", alerts.show_alerts, name="alerts"),
    path("operate/alerts/<int:alert_id>/acknowledge", alerts.acknowledge, name="alert_acknowledge"),
    path("operate/alerts/<int:alert_id>/resolve", alerts.resolve, name="alert_resolve"),
    path("operate/alerts/rules/new", alerts.new_rule, name="alert_rule_new"),
    path("operate/alerts/rules/<int:rule_id>", alerts.edit_rule, name="alert_rule"),
    path("operate/alerts/routes/new", alerts.new_route, name="alert_route_new"),
    path("operate/alerts/routes/<int:route_id>/delete", alerts.delete_route, name="alert_route_delete"),
    path("operate/alerts/silence", alerts.silence, name="alert_silence"),
    path("operate/alerts/silences/<int:silence_id>/end", alerts.end_silence, name="alert_silence_end"),
    path("operate/webhooks", webhooks.show_webhooks, name="webhooks"),
    path("operate/webhooks/new", webhooks.new_webhook, name="webhook_new"),
    path(WEBHOOK, webhooks.show_webhook, name="webhook"),
    path(f"{WEBHOOK}/edit", webhooks.edit_webhook, name="webhook_edit"),
    path(f"{WEBHOOK}/delete", webhooks.delete_webhook, name="webhook_delete"),
    path(f"{WEBHOOK}/secret", webhooks.rotate_secret, name="webhook_secret"),
    path(f"{WEBHOOK}/ping", webhooks.ping, name="webhook_ping"),
    path(f"{WEBHOOK}/resend", webhooks.resend, name="webhook_resend"),
    path(f"{WEBHOOK}/deliveries/<int:delivery_id>/resend", webhooks.resend, name="delivery_resend"),
]
