import { useQuery } from '@tanstack/react-query';
import { useDraft } from '../hooks/useDraft';
import {
  filterCount,
  SORTS,
  withFilters,
  withoutFilters,
  type BeatFilters,
  type Sort,
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
    <search className="rack">
      <div className="rack__row">
        <TextFilter
          label="Search"
          value={filters.search}
          onCommit={(search) => change({ search }, true)}
        />
        <fieldset className="rack__bpm">
          <legend className="label">BPM</legend>
          <NumberFilter
            label="Slowest"
            value={filters.bpmMin}
            onCommit={(bpmMin) => change({ bpmMin }, true)}
          />
          <span aria-hidden="true">–</span>
          <NumberFilter
            label="Fastest"
            value={filters.bpmMax}
            onCommit={(bpmMax) => change({ bpmMax }, true)}
          />
        </fieldset>
        <label className="rack__field">
          <span className="label">Key</span>
          <select
            className="field"
            value={filters.key}
            onChange={(event) => change({ key: event.target.value })}
          >
            <option value="">Any</option>
            {KEYS.map((key) => (
              <option key={key}>{key}</option>
            ))}
          </select>
        </label>
        <label className="rack__field">
          <span className="label">Sort</span>
          <select
            className="field"
            value={filters.sort}
            onChange={(event) => change({ sort: event.target.value as Sort })}
          >
            {Object.entries(SORTS).map(([sort, { name }]) => (
              <option key={sort} value={sort}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="toggle">
          <input
            type="checkbox"
            checked={filters.hasStems}
            onChange={(event) => change({ hasStems: event.target.checked })}
          />
          <span className="toggle__face">
            <span className="led" aria-hidden="true" />
            With stems
          </span>
        </label>
        {count > 0 && (
          <button className="link-button" onClick={() => onChange(withoutFilters(filters), false)}>
            Clear {count === 1 ? 'the filter' : `${count} filters`}
          </button>
        )}
      </div>
      <GenreRow chosen={filters.genre} onChoose={(genre) => change({ genre })} />
    </search>
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
