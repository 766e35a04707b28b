"""The page that lists what was uploaded."""

from html import escape
from urllib.parse import quote

from sandbox.cloudinary.assets import Asset, AssetStore
from sandbox.cloudinary.signatures import Credentials
from sandbox.pages import page

STYLE = """
.look { width: 56px; padding: .45rem 0 .45rem 1rem }
.look img, .look span { display: block; width: 40px; height: 40px; border-radius: 6px;
  object-fit: cover; background: var(--line) }
.look span { display: grid; place-items: center; font-size: .68rem; color: var(--soft) }
th:nth-child(n+6) { text-align: right }
audio { display: block; height: 32px; width: 13rem }
"""
HEADINGS = ("", "Public id", "Kind", "Access", "Format", "Length", "Size")


def assets_page(assets: AssetStore, credentials: Credentials) -> str:
    """All assets by kind and name; only public ones can be opened from here."""
    listed = list(assets)
    size = _readable(sum(asset.size for asset in listed))
    rows = "".join(_row(asset, credentials.cloud) for asset in listed)
    headings = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    table = f"<table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table>"
    empty = '<div class="empty">Nothing has been uploaded yet.</div>'
    summary = f"{len(listed)} asset{'' if len(listed) == 1 else 's'} · {size}"
    return page(
        "Assets",
        f"<h1>Assets</h1><p class='soft'>Cloudinary emulator · cloud "
        f"<code>{escape(credentials.cloud)}</code> · {summary}</p>"
        f"<div class='card'>{table if listed else empty}</div>",
        STYLE,
    )


def _row(asset: Asset, cloud: str) -> str:
    resource_type, delivery_type, public_id = asset.key
    name = f"<code>{escape(public_id)}</code>"
    path = f"/{cloud}/{resource_type}/{delivery_type}/v{asset.version}/{asset.file_name}"
    url = quote(path, safe="/:")
    public = delivery_type == "upload"
    if public:
        name = f'<a href="{url}">{name}</a>'
    kind = "audio" if asset.measures.get("is_audio") else resource_type
    look = f"<span>{escape(asset.extension[:4])}</span>"
    if public and kind == "image":
        look = f'<img src="{url}" alt="" loading="lazy">'
    if public and kind == "audio":
        kind = f'<audio controls preload="none" src="{url}"></audio>'
    access = f"<span class='tag{' open' if public else ''}'>{'public' if public else delivery_type}"
    return (
        f'<tr><td class="look">{look}</td><td>{name}</td><td>{kind}</td><td>{access}</span></td>'
        f"<td>{escape(asset.extension)}</td><td class='number'>{_length(asset)}</td>"
        f"<td class='number'>{_readable(asset.size)}</td></tr>"
    )


def _length(asset: Asset) -> str:
    """Minutes and seconds of audio, pixels of an image."""
    measures = asset.measures
    if "duration" in measures:
        minutes, seconds = divmod(round(measures["duration"]), 60)
        return f"{minutes}:{seconds:02d}"
    return f"{measures['width']} × {measures['height']}" if "width" in measures else ""


def _readable(size: int) -> str:
    """Bytes in the unit a person would choose (decimal)."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
