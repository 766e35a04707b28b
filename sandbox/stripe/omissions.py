"""The parameters that Stripe takes and the sandbox does not: refused by name, never ignored."""

from sandbox.stripe.objects import (
    charges,
    disputes,
    payment_intents,
    payment_methods,
    prices,
    products,
    refunds,
    sessions,
)
from sandbox.stripe.operations import Operation

_CUSTOMER = "customer customer_account"

_METHOD_TYPES = (
    "acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit "
    "bancontact billie bizum blik boleto cashapp crypto custom customer_balance eps fpx giropay "
    "grabpay ideal interac_present kakao_pay klarna konbini kr_card link mb_way mobilepay "
    "multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto "
    "pix promptpay revolut_pay samsung_pay satispay scalapay sequra sofort sunbit swish twint upi "
    "us_bank_account wechat_pay zip"
)
_METHOD = f"{_METHOD_TYPES} card[cvc] card[exp_month] card[exp_year] card[networks] radar_options"

_INTENT = (
    "amount_details application_fee_amount confirmation_token hooks mandate on_behalf_of "
    "payment_details payment_method_configuration payment_method_options radar_options "
    f"transfer_data use_stripe_sdk {_CUSTOMER}"
)
_TYPES = "allowed_payment_method_types excluded_payment_method_types payment_method_types"

_SESSION = (
    "adaptive_pricing after_expiration automatic_tax branding_settings consent_collection "
    "custom_fields custom_text customer_update discounts integration_identifier invoice_creation "
    "line_items[adjustable_quantity] line_items[dynamic_tax_rates] line_items[tax_rates] "
    "line_items[price_data][unit_amount_decimal] managed_payments name_collection optional_items "
    "payment_intent_data[application_fee_amount] payment_intent_data[capture_method] "
    "payment_intent_data[on_behalf_of] payment_intent_data[transfer_data] "
    "payment_method_collection payment_method_configuration payment_method_data "
    "payment_method_options permissions redirect_on_completion return_url "
    "saved_payment_method_options setup_intent_data shipping_address_collection shipping_options "
    f"subscription_data tax_id_collection wallet_options {_CUSTOMER}"
)


def _within(parent: str, names: str) -> str:
    """The names as fields of a hash: `card[cvc]` becomes `parent[card][cvc]`."""
    heads = ((head, rest) for head, _, rest in (name.partition("[") for name in names.split()))
    return " ".join(f"{parent}[{head}]{'[' + rest if rest else ''}" for head, rest in heads)


_PAYING = f"{_INTENT} {_within('payment_method_data', _METHOD)}"

_NAMES: dict[Operation, str] = {
    products.create: "default_price_data marketing_features package_dimensions tax_details type",
    products.update: "marketing_features package_dimensions tax_details",
    products.list_all: "shippable type url",
    prices.create: (
        "billing_scheme currency_options custom_unit_amount tiers tiers_mode transform_quantity "
        "unit_amount_decimal"
    ),
    prices.update: "currency_options",
    prices.list_all: "recurring",
    sessions.create: _SESSION,
    sessions.update: (
        "automatic_tax collected_information line_items payment_intent_data shipping_options"
    ),
    sessions.list_all: f"payment_link subscription {_CUSTOMER}",
    payment_intents.create: _PAYING,
    payment_intents.update: f"{_PAYING} {_TYPES} capture_method currency setup_future_usage",
    payment_intents.confirm: f"{_PAYING} {_TYPES} amount_to_confirm capture_method",
    payment_intents.capture: (
        f"{_INTENT} final_capture statement_descriptor statement_descriptor_suffix"
    ),
    payment_intents.list_all: _CUSTOMER,
    payment_methods.create: f"{_METHOD} customer payment_method",
    payment_methods.update: "card payto us_bank_account",
    charges.update: "customer",
    charges.list_all: "customer transfer_group",
    refunds.create: (
        "currency customer instructions_email origin refund_application_fee reverse_transfer"
    ),
    disputes.update: "evidence[enhanced_evidence] intended_submission_method",
}

NOT_EMULATED = {operation: frozenset(names.split()) for operation, names in _NAMES.items()}
