"""How a checkout session looks when it opens."""

from sandbox.stripe.errors import Json, invalid_parameter
from sandbox.stripe.objects import method_types
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

_LONGEST_REFERENCE = 200

# Fields of parts of Stripe that are not emulated: their resting state.
_AT_REST: Json = {
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer": None,
    "customer_account": None,
    "discounts": [],
    "integration_identifier": None,
    "invoice": None,
    "invoice_creation": {
        "enabled": False,
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": None,
            "metadata": {},
            "rendering_options": None,
        },
    },
    "livemode": False,
    "managed_payments": None,
    "mode": "payment",
    "optional_items": None,
    "payment_intent": None,
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_configuration_details": None,
    "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    "permissions": None,
    "recovered_from": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "subscription": None,
    "wallet_options": None,
}


def new_session(work: Work, parameters: Parameters, basket: Json) -> Json:
    """All of it but its addresses and its end."""
    email = _email(parameters)
    phone = parameters.child("phone_number_collection")
    return {
        "id": basket["id"],
        "object": "checkout.session",
        **_AT_REST,
        "amount_subtotal": basket["total"],
        "amount_total": basket["total"],
        "client_reference_id": parameters.text("client_reference_id", longest=_LONGEST_REFERENCE),
        "created": work.now,
        "currency": basket["currency"],
        "customer_details": None if email is None else customer_details(email),
        "customer_email": email,
        "metadata": parameters.metadata(),
        **method_types.offered(parameters, basket["currency"]),
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": bool(phone and phone.flag("enabled"))},
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        **_appearance(parameters),
    }


def _appearance(parameters: Parameters) -> Json:
    """What is taken and shown again, and changes nothing here."""
    choice = parameters.choice
    return {
        "allow_promotion_codes": parameters.flag("allow_promotion_codes"),
        "billing_address_collection": choice("billing_address_collection", ("auto", "required")),
        "customer_creation": choice("customer_creation", ("if_required",)) or "if_required",
        "locale": parameters.text("locale"),
        "origin_context": choice("origin_context", ("mobile_app", "web")),
        "submit_type": choice("submit_type", ("auto", "book", "donate", "pay")),
        "ui_mode": choice("ui_mode", ("hosted_page",)) or "hosted_page",
    }


def customer_details(email: str, name: str | None = None, phone: str | None = None) -> Json:
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": phone,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _email(parameters: Parameters) -> str | None:
    email = parameters.text("customer_email", longest=800)
    if email is not None and "@" not in email.strip("@"):
        raise invalid_parameter(
            f"Invalid email address: {email}", "customer_email", "email_invalid"
        )
    return email
