import { useState } from 'react';
import { applyTheme, currentTheme, THEMES, type Theme } from '../lib/theme';

const NAMES: Record<Theme, string> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

/** A switch of three positions: the system's theme, the light one, the dark one. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(currentTheme);
  const choose = (chosen: Theme) => {
    applyTheme(chosen);
    setTheme(chosen);
  };
  return (
    <fieldset className="switch">
      <legend className="label">Theme</legend>
      {THEMES.map((each) => (
        <label key={each} className="switch__position">
          <input
            type="radio"
            name="theme"
            value={each}
            checked={theme === each}
            onChange={() => choose(each)}
          />
          <span>{NAMES[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}
