"""The tellings Kehu ships: the Segment spec (e-commerce, mail, mobile, video, live chat, B2B), telephone, tickets,
WeChat, shops, and what the rooms call their own."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kehu.profile.tellings.telling import PAGE, Telling

_LIST = ("name", "list", "category", "list_id")
_ORDER = ("number", "order_id", "order_number", "orderId", "id")
_PRODUCT = ("name", "product_name", "product.name", "product", "title", "item", "sku", "product_id", "products")
_CODE = ("name", "coupon_name", "code", "coupon", "coupon_id")
_MAIL = ("subject", "email_subject", "campaign", "campaign_name", "$campaign.name", "name", "title")
_LINK = ("link_text", "link", "link_url", "url", *_MAIL)
_PROMOTION = ("name", "creative", "promotion", "campaign", "title")
_CALL = ("subject", "reason", "topic", "title", "note")
_TICKET = ("subject", "title", "number", "ticket_number", "ticket_id", "id", "category")
_OUTCOME = ("outcome", "result", "status", "call_status", "CallStatus", "state")
_SUM = ("revenue", "total", "amount", "value")
_PLACE = ("place", "location", "store", "store_name", "name", "address", "city")


def _n(singular: str, plural: str) -> Any:
    return ngettext_lazy(singular, plural, "n")


_SHOP: Final = (
    (
        ("Products Searched", "Searched"),
        Telling(
            "search",
            _("Searched"),
            about=("query", "keyword", "term", "q"),
            many=_n("Searched %(n)d time", "Searched %(n)d times"),
        ),
    ),
    (
        ("Product List Viewed",),
        Telling(
            "list", _("Looked through"), about=_LIST, many=_n("Looked through %(n)d list", "Looked through %(n)d lists")
        ),
    ),
    (
        ("Product List Filtered",),
        Telling("filter", _("Filtered"), about=_LIST, many=_n("Filtered %(n)d time", "Filtered %(n)d times")),
    ),
    (
        ("Promotion Viewed",),
        Telling("speakerphone", _("Saw an offer"), about=_PROMOTION, many=_n("Saw %(n)d offer", "Saw %(n)d offers")),
    ),
    (
        ("Promotion Clicked",),
        Telling(
            "click", _("Clicked an offer"), about=_PROMOTION, many=_n("Clicked %(n)d offer", "Clicked %(n)d offers")
        ),
    ),
    (
        ("Product Clicked",),
        Telling(
            "click", _("Clicked a product"), about=_PRODUCT, many=_n("Clicked %(n)d product", "Clicked %(n)d products")
        ),
    ),
    (
        ("Product Viewed",),
        Telling("eye", _("Viewed"), about=_PRODUCT, many=_n("Viewed %(n)d product", "Viewed %(n)d products")),
    ),
    (
        ("Product Added",),
        Telling(
            "shopping-cart",
            _("Put into the cart"),
            about=_PRODUCT,
            many=_n("Put %(n)d product into the cart", "Put %(n)d products into the cart"),
        ),
    ),
    (
        ("Product Removed",),
        Telling(
            "shopping-cart",
            _("Took out of the cart"),
            about=_PRODUCT,
            many=_n("Took %(n)d product out of the cart", "Took %(n)d products out of the cart"),
        ),
    ),
    (
        ("Cart Viewed",),
        Telling(
            "shopping-cart",
            _("Looked into the cart"),
            about=("products",),
            many=_n("Looked into the cart %(n)d time", "Looked into the cart %(n)d times"),
        ),
    ),
    (("Cart Shared",), Telling("upload", _("Shared the cart"), about=("share_via", "recipient"))),
    (("Checkout Started",), Telling("shopping-cart", _("Began to check out"), about=("products",), amount=_SUM)),
    (
        ("Checkout Step Viewed", "Checkout Step Completed"),
        Telling(
            "shopping-cart",
            _("On the way through the checkout"),
            about=("step_name", "shipping_method", "payment_method"),
            many=_n("%(n)d step of the checkout", "%(n)d steps of the checkout"),
        ),
    ),
    (
        ("Payment Info Entered",),
        Telling("credit-card", _("Entered how to pay"), about=("payment_method", "shipping_method")),
    ),
    (("Order",), Telling("shopping-bag", _("Order"), "trade", about=("number",), state=("status",))),
    (("Consent",), Telling("check", _("Consent"), about=("purpose",), state=("state",))),
    (("Merge",), Telling("git-merge", _("Merged by hand"), about=("reason",))),
    (("Unmerge",), Telling("unlink", _("Taken apart"), about=("reason",))),
    (
        ("Order Placed", "Order Completed", "Order Created"),
        Telling("shopping-bag", _("Ordered"), "trade", about=_ORDER, amount=_SUM),
    ),
    (("Order Updated",), Telling("shopping-bag", _("Order changed"), "trade", about=_ORDER, state=("status",))),
    (("Order Paid", "Payment Received"), Telling("cash", _("Paid"), "trade", about=_ORDER, amount=_SUM)),
    (("Payment Failed",), Telling("credit-card", _("Payment failed"), "trade", about=("reason", *_ORDER), amount=_SUM)),
    (
        ("Order Shipped", "Shipment Sent"),
        Telling("truck-delivery", _("On its way"), "trade", about=("tracking_number", *_ORDER)),
    ),
    (
        ("Order Delivered", "Shipment Delivered"),
        Telling("truck-delivery", _("Arrived"), "trade", about=("tracking_number", *_ORDER)),
    ),
    (
        ("Order Cancelled", "Order Canceled"),
        Telling("shopping-bag", _("Order cancelled"), "trade", about=_ORDER, state=("reason",)),
    ),
    (("Order Refunded",), Telling("receipt-refund", _("Refund"), "trade", about=_ORDER, amount=_SUM)),
    (("Coupon Entered", "Coupon Applied"), Telling("gift", _("Used a coupon"), about=_CODE, amount=("discount",))),
    (("Coupon Denied",), Telling("gift", _("Coupon refused"), about=_CODE, state=("reason",))),
    (("Coupon Removed",), Telling("gift", _("Took a coupon back"), about=_CODE)),
    (("Coupon Issued", "Coupon Received"), Telling("gift", _("Got a coupon"), about=_CODE)),
    (
        ("Product Added to Wishlist",),
        Telling(
            "star",
            _("Put on the wish list"),
            about=_PRODUCT,
            many=_n("Put %(n)d product on the wish list", "Put %(n)d products on the wish list"),
        ),
    ),
    (
        ("Product Removed from Wishlist",),
        Telling(
            "star",
            _("Took off the wish list"),
            about=_PRODUCT,
            many=_n("Took %(n)d product off the wish list", "Took %(n)d products off the wish list"),
        ),
    ),
    (
        ("Wishlist Product Added to Cart",),
        Telling("shopping-cart", _("Put into the cart from the wish list"), about=_PRODUCT),
    ),
    (("Product Shared",), Telling("upload", _("Shared a product"), about=_PRODUCT)),
    (
        ("Product Reviewed", "Review Written"),
        Telling(
            "star",
            _("Wrote a review"),
            "service",
            about=_PRODUCT,
            quote=("review_body", "review", "text", "body", "comment", "content"),
            state=("rating", "stars"),
        ),
    ),
    (("Visit", "Store Visited"), Telling("building-store", _("Came to the shop"), "service", about=("note", *_PLACE))),
    (("Points Earned",), Telling("crown", _("Earned points"), about=("points", "reason"))),
    (("Points Redeemed",), Telling("gift", _("Redeemed points"), about=("name", "reward", "reason", "points"))),
)
_PAGES: Final = (
    (
        ("Page", "Page Viewed"),
        Telling("world", _("Viewed a page"), about=PAGE, many=_n("Viewed %(n)d page", "Viewed %(n)d pages")),
    ),
    (
        ("Screen", "Screen Viewed"),
        Telling(
            "device-mobile", _("Viewed a screen"), about=PAGE, many=_n("Viewed %(n)d screen", "Viewed %(n)d screens")
        ),
    ),
    (
        ("Video Playback Started", "Video Content Started"),
        Telling(
            "player-play",
            _("Watched"),
            about=("title", "name", "content_asset_id"),
            many=_n("Watched %(n)d video", "Watched %(n)d videos"),
        ),
    ),
    (
        ("Video Playback Completed", "Video Content Completed"),
        Telling(
            "player-stop",
            _("Watched to the end"),
            about=("title", "name", "content_asset_id"),
            many=_n("Watched %(n)d video to the end", "Watched %(n)d videos to the end"),
        ),
    ),
    (
        ("Video Playback Paused", "Video Playback Resumed", "Video Content Playing"),
        Telling(
            "player-play",
            _("Watching"),
            about=("title", "name"),
            many=_n("Watching, %(n)d sign of life", "Watching, %(n)d signs of life"),
        ),
    ),
    (
        ("Form Submitted", "Form Filled"),
        Telling("forms", _("Filled in a form"), about=("form_name", "form", "name", "title", "form_id")),
    ),
    (
        ("File Downloaded", "Document Downloaded"),
        Telling("download", _("Downloaded"), about=("name", "file_name", "title", "url")),
    ),
    (("Application Installed",), Telling("device-mobile", _("Installed the app"), about=("version", "platform"))),
    (
        ("Application Opened",),
        Telling(
            "device-mobile",
            _("Opened the app"),
            about=("version",),
            many=_n("Opened the app %(n)d time", "Opened the app %(n)d times"),
        ),
    ),
    (
        ("Application Backgrounded",),
        Telling(
            "device-mobile", _("Left the app"), about=(), many=_n("Left the app %(n)d time", "Left the app %(n)d times")
        ),
    ),
    (("Application Updated",), Telling("device-mobile", _("Updated the app"), about=("version",))),
    (("Application Uninstalled",), Telling("device-mobile", _("Removed the app"), about=())),
    (("Application Crashed",), Telling("alert-triangle", _("The app crashed"), about=("version",))),
    (("Deep Link Opened",), Telling("link", _("Came in by a link"), about=("url", "campaign", "name"))),
    (("Identified",), Telling("login", _("Known on a device"))),
    (
        ("Signed Up", "Account Created"),
        Telling("user-plus", _("Signed up"), about=("plan", "method", "type", "account_name")),
    ),
    (
        ("Signed In", "Logged In"),
        Telling(
            "login",
            _("Signed in"),
            about=("method", "username"),
            many=_n("Signed in %(n)d time", "Signed in %(n)d times"),
        ),
    ),
    (
        ("Signed Out", "Logged Out"),
        Telling("logout", _("Signed out"), about=(), many=_n("Signed out %(n)d time", "Signed out %(n)d times")),
    ),
    (("Account Deleted",), Telling("user-x", _("Closed the account"), about=("reason", "account_name"))),
    (("Trial Started",), Telling("player-play", _("Began a trial"), about=("trial_plan_name", "plan", "name"))),
    (("Trial Ended",), Telling("player-stop", _("The trial ended"), about=("trial_plan_name", "plan", "name"))),
    (
        ("Subscription Started", "Subscription Renewed"),
        Telling("rotate", _("Subscription"), "trade", about=("plan", "name"), amount=_SUM),
    ),
    (
        ("Subscription Cancelled", "Subscription Canceled"),
        Telling("rotate", _("Cancelled the subscription"), "trade", about=("plan", "name"), state=("reason",)),
    ),
    (("Invite Sent",), Telling("mail", _("Invited somebody"), about=("invitee_role",))),
)
_MESSAGES: Final = (
    (
        ("Campaign Message Sent", "Campaign Message Delivered"),
        Telling(
            "speakerphone",
            _("Campaign message"),
            about=_MAIL,
            many=_n("%(n)d campaign message", "%(n)d campaign messages"),
        ),
    ),
    (
        ("Campaign Message Clicked",),
        Telling(
            "click", _("Clicked a message"), about=_MAIL, many=_n("Clicked %(n)d message", "Clicked %(n)d messages")
        ),
    ),
    (("Email Sent",), Telling("mail", _("Mail sent"), about=_MAIL, many=_n("%(n)d mail sent", "%(n)d mails sent"))),
    (
        ("Email Delivered",),
        Telling("mail", _("Mail delivered"), about=_MAIL, many=_n("%(n)d mail delivered", "%(n)d mails delivered")),
    ),
    (("Email Received",), Telling("mail", _("Wrote a mail"), "service", about=_MAIL)),
    (
        ("Email Opened",),
        Telling("mail-opened", _("Opened a mail"), about=_MAIL, many=_n("Opened %(n)d mail", "Opened %(n)d mails")),
    ),
    (
        ("Email Link Clicked",),
        Telling(
            "click",
            _("Clicked in a mail"),
            about=_LINK,
            many=_n("Clicked %(n)d link in mails", "Clicked %(n)d links in mails"),
        ),
    ),
    (("Email Bounced",), Telling("mailbox-off", _("Mail came back"), about=_MAIL, state=("reason",))),
    (("Email Marked as Spam",), Telling("ban", _("Called a mail spam"), about=_MAIL)),
    (
        ("Unsubscribed", "Email Unsubscribed"),
        Telling("ban", _("Unsubscribed"), about=("list_name", "channel", "topic", *_MAIL)),
    ),
    (
        ("Subscribed", "Email Subscribed"),
        Telling("heart-handshake", _("Subscribed"), about=("list_name", "channel", "topic", *_MAIL)),
    ),
    (
        ("SMS Sent", "SMS Delivered"),
        Telling(
            "device-mobile",
            _("SMS sent"),
            about=("campaign", "template", "name"),
            many=_n("%(n)d SMS sent", "%(n)d SMS sent"),
        ),
    ),
    (("SMS Received",), Telling("device-mobile", _("Answered by SMS"), "service", about=())),
    (("SMS Link Clicked",), Telling("click", _("Clicked in an SMS"), about=_LINK)),
    (
        ("Push Notification Received", "Push Notification Sent"),
        Telling("bell", _("Push message"), about=_MAIL, many=_n("%(n)d push message", "%(n)d push messages")),
    ),
    (
        ("Push Notification Tapped", "Push Notification Opened"),
        Telling(
            "click",
            _("Tapped a push message"),
            about=_MAIL,
            many=_n("Tapped %(n)d push message", "Tapped %(n)d push messages"),
        ),
    ),
    (("Survey Sent",), Telling("forms", _("Was asked"), about=("survey", "name", "title"))),
    (
        ("Survey Answered", "Survey Completed", "NPS Answered"),
        Telling(
            "forms", _("Answered a survey"), "service", about=("survey", "name", "title"), state=("score", "rating")
        ),
    ),
    (
        ("Event Registered", "Webinar Registered"),
        Telling("calendar", _("Registered"), about=("event", "webinar", "name", "title")),
    ),
    (
        ("Event Attended", "Webinar Attended"),
        Telling("calendar", _("Attended"), about=("event", "webinar", "name", "title")),
    ),
)
_TALKS: Final = (
    (
        ("Call Received", "Call", "Call Answered"),
        Telling("phone-incoming", _("Incoming call"), "service", about=_CALL, state=_OUTCOME),
    ),
    (
        ("Call Made", "Call Placed"),
        Telling("phone-call", _("Called the customer"), "service", about=_CALL, state=_OUTCOME),
    ),
    (("Call Missed",), Telling("phone", _("Missed call"), "service", about=_CALL)),
    (("Call Recorded", "Recording Ready"), Telling("phone", _("Recording of a call"), "service", about=_CALL)),
    (("Voicemail Received", "Voicemail Left"), Telling("phone", _("Left a voice message"), "service", about=_CALL)),
    (
        ("Ticket Opened", "Ticket Created", "Case Opened"),
        Telling("ticket", _("Ticket"), "service", about=_TICKET, state=("status", "priority")),
    ),
    (
        ("Ticket Updated", "Ticket Commented"),
        Telling("ticket", _("Ticket goes on"), "service", about=_TICKET, state=("status",)),
    ),
    (("Ticket Reopened",), Telling("ticket", _("Ticket opened again"), "service", about=_TICKET)),
    (
        ("Ticket Closed", "Ticket Solved", "Ticket Resolved", "Case Closed"),
        Telling("ticket", _("Ticket closed"), "service", about=_TICKET),
    ),
    (("Ticket Rated",), Telling("star", _("Rated the service"), "service", about=_TICKET, state=("rating", "score"))),
    (
        ("Live Chat Conversation Started",),
        Telling("message-circle", _("Began a chat"), "service", about=("agent_name", "agent_username", "topic")),
    ),
    (
        ("Live Chat Conversation Ended",),
        Telling("message-circle", _("The chat ended"), "service", about=("agent_name", "agent_username", "topic")),
    ),
    (
        ("Live Chat Message Sent", "Message Received", "Live Chat Message Received", "Message Sent"),
        Telling(
            "message-circle",
            _("Message"),
            "service",
            about=("agent_name", "subject"),
            many=_n("%(n)d message", "%(n)d messages"),
        ),
    ),
    (
        ("WeChat Followed", "Followed", "Official Account Followed"),
        Telling("brand-wechat", _("Followed the account"), about=("scene", "account", "name")),
    ),
    (
        ("WeChat Unfollowed", "Unfollowed", "Official Account Unfollowed"),
        Telling("brand-wechat", _("Follows the account no longer"), about=("account", "name")),
    ),
    (("QR Scanned", "QR Code Scanned"), Telling("brand-wechat", _("Scanned a code"), about=("scene", "place", "name"))),
    (
        ("Menu Clicked", "WeChat Menu Clicked"),
        Telling(
            "click",
            _("Clicked in the menu"),
            about=("name", "key", "url"),
            many=_n("Clicked in the menu %(n)d time", "Clicked in the menu %(n)d times"),
        ),
    ),
    (("Location Sent",), Telling("map-pin", _("Sent a place"), about=("label", *_PLACE))),
    (
        ("Contact Added", "External Contact Added"),
        Telling("user-plus", _("Added by staff as a contact"), "service", about=("agent", "staff", "name")),
    ),
    (
        ("Meeting Held", "Meeting"),
        Telling("calendar", _("Meeting"), "service", about=("subject", "title", "place", "note")),
    ),
    (
        ("Appointment Booked",),
        Telling("calendar", _("Booked an appointment"), "service", about=("service", "name", "title", *_PLACE)),
    ),
    (
        ("Appointment Cancelled", "Appointment Canceled"),
        Telling("calendar", _("Cancelled an appointment"), "service", about=("service", "name", "title")),
    ),
    (
        ("Complaint", "Complaint Received"),
        Telling("alert-circle", _("Complaint"), "service", about=_TICKET, state=("status",)),
    ),
    (
        ("Return Requested", "Return Received"),
        Telling(
            "receipt-refund", _("Return"), "service", about=("product", "name", *_ORDER), state=("status", "reason")
        ),
    ),
    (
        ("Note", "Note Added"),
        Telling(
            "note",
            _("Wrote a note"),
            "service",
            about=("title", "subject"),
            quote=("note", "text", "body", "comment", "content"),
        ),
    ),
    (("Lead Created",), Telling("affiliate", _("Became a lead"), about=("campaign", "form", "name", "source"))),
    (("Quote Sent",), Telling("file-text", _("Quote sent"), "trade", about=_ORDER, amount=_SUM)),
    (("Contract Signed",), Telling("file-text", _("Contract signed"), "trade", about=_ORDER, amount=_SUM)),
)
SHIPPED: Final[tuple[tuple[tuple[str, ...], Telling], ...]] = (*_SHOP, *_PAGES, *_MESSAGES, *_TALKS)
