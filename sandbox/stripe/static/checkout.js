// Comfort only: the page pays without it.
const number = document.getElementById("card_number");
const expiry = document.getElementById("card_expiry");
const iban = document.getElementById("iban");
const form = document.querySelector("form");

const digits = (text) => text.replace(/\D/g, "");

// Rewriting moves the cursor to the end, so only typing at the end is rewritten.
function rewrite(input, formatted) {
  input?.addEventListener("input", (event) => {
    const atEnd = input.selectionStart === input.value.length;
    if (atEnd && event.inputType !== "deleteContentBackward") input.value = formatted(input.value);
  });
}

const inFours = (text) => text.replace(/(.{4})(?=.)/g, "$1 ");

function cardNumber(text) {
  const plain = digits(text).slice(0, 19);
  if (/^3[47]/.test(plain)) return plain.replace(/^(.{4})(.{0,6})(.*)/, "$1 $2 $3").trim();
  return inFours(plain);
}

function cardExpiry(text) {
  const plain = digits(text).slice(0, 4);
  const padded = /^[2-9]/.test(plain) ? `0${plain}` : plain;
  return padded.length >= 2 ? `${padded.slice(0, 2)} / ${padded.slice(2, 4)}` : padded;
}

rewrite(number, cardNumber);
rewrite(expiry, cardExpiry);
rewrite(iban, (text) => inFours(text.replace(/\s/g, "").toUpperCase()));

for (const example of document.querySelectorAll("[data-fills]")) {
  const fill = document.createElement("button");
  fill.type = "button";
  fill.textContent = "Use";
  fill.setAttribute("aria-label", `Use ${example.textContent}`);
  fill.addEventListener("click", () => {
    document.getElementById(example.dataset.fills).value = example.textContent;
    if (example.dataset.fills !== "card_number") return;
    expiry.value ||= `12 / ${String(new Date().getFullYear() + 3).slice(2)}`;
    document.getElementById("card_cvc").value ||= "123";
  });
  example.after(fill);
}

form?.addEventListener("submit", () => {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  button.dataset.label ??= button.textContent;
  button.textContent = "Paying …";
});

// Coming back with the browser's own button must not find a dead page.
addEventListener("pageshow", () => {
  const button = form?.querySelector("button[type=submit]");
  if (!button?.disabled) return;
  button.disabled = false;
  button.textContent = button.dataset.label;
});

(document.querySelector("[aria-invalid]") ?? document.querySelector(".alert"))?.focus();
