"""Pages about screens of others: who may show cards, a card, and what comes up when a phone rings."""

from django.urls import path

from kehu.web.views import screens

urlpatterns = [
    path("screens", screens.show_screens, name="screens"),
    path("screens/<int:screen_id>/remove", screens.remove, name="screens_remove"),
    path("card/<str:link>", screens.show_card, name="card"),
    path("shell/pop", screens.show_pop, name="pop"),
    path("shell/pop/<int:pop_id>/close", screens.close_pop, name="pop_close"),
]
