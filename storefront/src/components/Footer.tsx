import { ThemeSwitch } from './ThemeSwitch';

export function Footer() {
  return (
    <footer className="footer">
      <p>
        Every license is non-exclusive, worldwide, for ten years. Paid by card or bank debit on
        Stripe’s page; your files are ready as soon as the payment is.
      </p>
      <ThemeSwitch />
    </footer>
  );
}
