export default function CartTestPage() {
  return null;
}
