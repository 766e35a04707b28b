"""`beatline publish FOLDER`: a producer's beats, from their folder into the shop."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.beat_sheet import BeatFolder, read_folders
from database import publishing
from database.engine import Database
from domain.beat import Asset, AssetKind, Price
from domain.license import LicenseType
from gateways.cloudinary_account import CloudinaryAccount
from gateways.cloudinary_assets import CloudinaryAssets
from gateways.cloudinary_files import CloudinaryFiles, sha256_of
from gateways.stripe_catalog import CatalogEntry, StripeCatalog
from gateways.stripe_client import stripe_client
from settings import CloudinarySettings, DatabaseSettings, StripeSettings, load

# How many beats are on their way at once: uploads mostly wait for the network.
AT_ONCE = 4


@dataclass(frozen=True)
class Publisher:
    """Publishes beats: files to Cloudinary, product and prices to Stripe, then the catalogue.

    Safe to repeat, and to interrupt: what is there already is neither sent nor made again, and
    the catalogue shows a beat only when all of it is in place.
    """

    database: Database
    files: CloudinaryFiles
    cloudinary: CloudinaryAssets
    stripe: StripeCatalog
    producer_email: str

    async def publish_all(self, beats: list[BeatFolder], done: Callable[[str], None]) -> int:
        """Publishes every beat, calling `done` with each one's title; returns files uploaded."""
        gate = asyncio.Semaphore(AT_ONCE)
        stored = await self._stored(beats)

        async def publish_one(beat: BeatFolder) -> int:
            async with gate:
                uploads = await self.publish(beat, stored)
            done(beat.sheet.title)
            return uploads

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(publish_one(beat)) for beat in beats]
        return sum(task.result() for task in tasks)

    async def _stored(self, beats: list[BeatFolder]) -> frozenset[Asset]:
        """The files of earlier publications, but for those that Cloudinary has lost since."""
        async with self.database.reading() as reader:
            earlier = [await publishing.find(reader, beat.id) for beat in beats]
        known = {asset for each in earlier if each for asset in each.assets.values()}
        return frozenset(known - await self.cloudinary.missing(known))

    async def publish(self, beat: BeatFolder, stored: Collection[Asset]) -> int:
        """Publishes one beat; returns how many of its files had to be uploaded."""
        async with self.database.reading() as reader:
            earlier = await publishing.find(reader, beat.id)
        assets: dict[AssetKind, Asset] = {}
        duration, uploads = earlier.duration_seconds if earlier else 0, 0
        for kind, path in beat.files.items():
            known = earlier.assets.get(kind) if earlier else None
            if known is not None and known in stored and known.sha256 == await _digest(path):
                assets[kind] = known
                continue
            upload = await self.files.publish(beat.id, kind, path)
            assets[kind], uploads = upload.asset, uploads + 1
            if kind is AssetKind.MASTER:
                duration = round(upload.duration_seconds or 0)
        prices = await self._publish_to_stripe(beat, assets.get(AssetKind.ARTWORK))
        async with self.database.writing() as writer:
            await publishing.publish(writer, self._publication(beat, duration, prices, assets))
        # Only now: until here, whatever befalls us, the catalogue's prices are open at Stripe.
        await self.stripe.retire_prices(beat.id, [price.price_id for price in prices.values()])
        return uploads

    async def _publish_to_stripe(
        self, beat: BeatFolder, artwork: Asset | None
    ) -> dict[LicenseType, Price]:
        image = artwork.url if artwork else None
        await self.stripe.publish_product(
            CatalogEntry(beat.id, beat.sheet.title, beat.sheet.description, image)
        )
        return {
            kind: Price(await self.stripe.publish_price(beat.id, kind, amount), amount)
            for kind, amount in beat.prices.items()
        }

    def _publication(
        self,
        beat: BeatFolder,
        duration_seconds: int,
        prices: dict[LicenseType, Price],
        assets: dict[AssetKind, Asset],
    ) -> publishing.Publication:
        sheet = beat.sheet
        return publishing.Publication(
            id=beat.id,
            producer_email=self.producer_email,
            title=sheet.title,
            description=sheet.description,
            genre=sheet.genre,
            bpm=sheet.bpm,
            key=sheet.key,
            mode=sheet.mode,
            duration_seconds=duration_seconds,
            tags=sheet.tags,
            is_exclusive=sheet.exclusive,
            is_active=sheet.active,
            featured=sheet.featured,
            scheduled_release_at=sheet.release_at,
            prices=prices,
            assets=assets,
        )


async def _digest(path: Path) -> str:
    return await asyncio.to_thread(sha256_of, path)


async def publish_folder(folder: Path, producer_email: str, show: Console) -> None:
    """Publishes a folder's beats with a progress bar; raises SheetError before anything is sent."""
    beats = read_folders(folder)
    books, payments = load(DatabaseSettings), load(StripeSettings)
    account = CloudinaryAccount.from_url(load(CloudinarySettings).cloudinary_url)
    database = Database(books.database_url)
    async with (
        aclosing(database),
        stripe_client(
            payments.stripe_secret_key,
            payments.stripe_api_base,
            payments.stripe_calls_per_second,
        ) as client,
    ):
        publisher = Publisher(
            database,
            CloudinaryFiles(account),
            CloudinaryAssets(account),
            StripeCatalog(client),
            producer_email,
        )
        with Progress(*_COLUMNS, console=show) as progress:
            task = progress.add_task("Publishing", total=len(beats), title="")
            uploads = await publisher.publish_all(
                beats, lambda title: progress.update(task, advance=1, title=title)
            )
    show.print(f"{len(beats)} beats are published; {uploads} files had to be uploaded.")


_COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("{task.fields[title]}"),
)
