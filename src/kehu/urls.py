"""Every address of the web process. The collector's paths are served beside Django (see `kehu.asgi`)."""

from django.urls import include, path

urlpatterns = [
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sso/", include("allauth.socialaccount.urls")),
    path("account/sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("account/", include("allauth.account.urls")),
    path("api/v1/", include("kehu.api.urls")),
    path("", include("kehu.web.urls")),
]

handler400 = "kehu.web.errors.bad_request"
handler403 = "kehu.web.errors.permission_denied"
handler404 = "kehu.web.errors.page_not_found"
handler500 = "kehu.web.errors.server_error"
