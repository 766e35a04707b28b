import { Component, type ErrorInfo, type ReactNode } from 'react';

interface Props {
  /** How much is lost when something inside breaks: the page, or the whole shop. */
  level: 'app' | 'page';
  children: ReactNode;
}

/** Stands in for what broke, and lets the buyer go on. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(`The ${this.props.level} broke.`, error, info.componentStack);
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="panel-page" role="alert">
        <p className="label">Signal lost</p>
        <h1 className="display">{SENTENCES[this.props.level]}</h1>
        <p className="prose">
          That is our fault, not yours. Your cart is kept. Reloading the page mends it more often
          than not.
        </p>
        <div className="key-row">
          <button className="key key--primary" onClick={() => window.location.reload()}>
            Reload the page
          </button>
          {this.props.level === 'page' && (
            <button className="key" onClick={() => this.setState({ error: null })}>
              Try again
            </button>
          )}
        </div>
      </div>
    );
  }
}

const SENTENCES = {
  app: 'The shop has stopped working.',
  page: 'This page has stopped working.',
};
