import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useDraft } from '../hooks/useDraft';
import {
  filterCount,
  isSort,
  SORTS,
  withFilters,
  withoutFilters,
  type BeatFilters,
} from '../lib/beatFilters';
import { genresQuery } from '../lib/catalog';
import './FilterRack.css';

interface Props {
  filters: BeatFilters;
  /** `isTyping` while a word or a number grows: the address keeps up, the history does not. */
  onChange: (filters: BeatFilters, isTyping: boolean) => void;
}

const KEYS = 'A A# Bb B C C# Db D D# Eb E F F# Gb G G# Ab'.split(' ');

/** Everything that narrows or orders the beats. */
export function FilterRack({ filters, onChange }: Props) {
  const change = (part: Partial<BeatFilters>, isTyping = false) =>
    onChange(withFilters(filters, part), isTyping);
  const count = filterCount(filters);
  return (
    <form className="rack" role="search" onSubmit={(event) => event.preventDefault()}>
      <div className="rack__row">
        <TextFilter
          label="Search"
          value={filters.search}
          onCommit={(search) => change({ search }, true)}
        />
        <TempoFilter filters={filters} onCommit={(tempo) => change(tempo, true)} />
        <Choice label="Key" value={filters.key} onChoose={(key) => change({ key })}>
          <option value="">Any</option>
          {KEYS.map((key) => (
            <option key={key}>{key}</option>
          ))}
        </Choice>
        <Choice
          label="Sort"
          value={filters.sort}
          onChoose={(sort) => isSort(sort) && change({ sort })}
        >
          {Object.entries(SORTS).map(([sort, { name }]) => (
            <option key={sort} value={sort}>
              {name}
            </option>
          ))}
        </Choice>
        <StemsToggle isOn={filters.hasStems} onToggle={(hasStems) => change({ hasStems })} />
        {count > 0 && (
          <button
            type="button"
            className="link-button"
            onClick={() => onChange(withoutFilters(filters), false)}
          >
            Clear {count === 1 ? 'the filter' : `${count} filters`}
          </button>
        )}
      </div>
      <GenreRow chosen={filters.genre} onChoose={(genre) => change({ genre })} />
    </form>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChoose: (value: string) => void;
  children: ReactNode;
}

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  return (
    <label className="rack__field">
      <span className="label">{label}</span>
      <select className="field" value={value} onChange={(event) => onChoose(event.target.value)}>
        {children}
      </select>
    </label>
  );
}

function StemsToggle({ isOn, onToggle }: { isOn: boolean; onToggle: (isOn: boolean) => void }) {
  return (
    <label className="toggle">
      <input type="checkbox" checked={isOn} onChange={(event) => onToggle(event.target.checked)} />
      <span className="toggle__face">
        <span className="led" aria-hidden="true" />
        With stems
      </span>
    </label>
  );
}

interface TempoProps {
  filters: BeatFilters;
  onCommit: (tempo: Pick<BeatFilters, 'bpmMin'> | Pick<BeatFilters, 'bpmMax'>) => void;
}

function TempoFilter({ filters, onCommit }: TempoProps) {
  return (
    <fieldset className="rack__bpm">
      <legend className="label">BPM</legend>
      <NumberFilter
        label="Slowest"
        value={filters.bpmMin}
        onCommit={(bpmMin) => onCommit({ bpmMin })}
      />
      <span aria-hidden="true">–</span>
      <NumberFilter
        label="Fastest"
        value={filters.bpmMax}
        onCommit={(bpmMax) => onCommit({ bpmMax })}
      />
    </fieldset>
  );
}

function GenreRow({ chosen, onChoose }: { chosen: string; onChoose: (genre: string) => void }) {
  const { data: genres = [] } = useQuery(genresQuery);
  const all = chosen && !genres.includes(chosen) ? [...genres, chosen] : genres;
  return (
    <div className="rack__genres" role="group" aria-label="Genre">
      {['', ...all].map((genre) => (
        <button
          key={genre}
          type="button"
          className="chip"
          aria-pressed={genre === chosen}
          onClick={() => onChoose(genre)}
        >
          {genre || 'All'}
        </button>
      ))}
    </div>
  );
}

interface TextProps {
  label: string;
  value: string;
  onCommit: (value: string) => void;
}

function TextFilter({ label, value, onCommit }: TextProps) {
  const [draft, setDraft] = useDraft(value, onCommit);
  return (
    <label className="rack__field rack__field--search">
      <span className="label">{label}</span>
      <input
        className="field"
        type="search"
        value={draft}
        maxLength={200}
        placeholder="Title, mood, genre"
        autoComplete="off"
        onChange={(event) => setDraft(event.target.value)}
      />
    </label>
  );
}

interface NumberProps {
  label: string;
  value: number | null;
  onCommit: (value: number | null) => void;
}

function NumberFilter({ label, value, onCommit }: NumberProps) {
  const [draft, setDraft] = useDraft(value === null ? '' : String(value), (text) =>
    onCommit(text === '' ? null : Math.min(1000, Number(text))),
  );
  return (
    <input
      className="field field--number"
      inputMode="numeric"
      aria-label={`${label} BPM`}
      placeholder={label === 'Slowest' ? '60' : '180'}
      value={draft}
      maxLength={4}
      onChange={(event) => setDraft(event.target.value.replace(/\D/g, ''))}
    />
  );
}
