import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { ErrorBoundary } from '../src/components/ErrorBoundary';

describe('what breaks', () => {
  test('is stood in for, logged, and can be tried again', async () => {
    const user = userEvent.setup();
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    let isBroken = true;
    const Fragile = () => {
      if (isBroken) throw new Error('broken on purpose');
      return <p>Whole again.</p>;
    };
    render(
      <ErrorBoundary level="page">
        <Fragile />
      </ErrorBoundary>,
    );
    expect(screen.getByRole('alert').textContent).toContain('Your cart is kept');
    expect(logged).toHaveBeenCalled();
    isBroken = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(screen.getByText('Whole again.')).toBeTruthy();
  });
});
