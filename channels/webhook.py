"""The door that all webhooks share: verify, read, parse, store, acknowledge; in this order and nothing else."""

import logging
import time
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from prometheus_client import Counter, Histogram

from channels.channel import Accept, Acknowledges, Arrival, Channel, Refused
from channels.tasks import in_background, intake

log = logging.getLogger(__name__)

REFUSED = Counter("dalil_webhooks_refused", "Requests to webhooks that were not taken", ["channel", "reason"])
ACKNOWLEDGED = Histogram(
    "dalil_webhook_seconds",
    "Time from the arrival of a webhook to its acknowledgement",
    ["channel"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)


class Door:
    """A channel's webhook. Closed until the program can store what arrives, so that nothing is taken and lost."""

    def __init__(self, channel: Channel, *, content_type: str, acknowledgement: Callable[[], Response]) -> None:
        self._channel = channel
        self._content_type = content_type
        self._acknowledgement = acknowledgement
        self.accept: Accept | None = None

    def add_to(self, router: APIRouter, path: str) -> None:
        """Make the webhook a route."""
        router.add_api_route(path, self.receive, methods=["POST"], include_in_schema=False)

    async def receive(self, request: Request) -> Response:
        """Take one request. Whoever is not the provider learns nothing but a status."""
        began = time.perf_counter()
        try:
            with intake().taking():
                await self._take(request)
        except Refused as refusal:
            REFUSED.labels(self._channel.name, refusal.key).inc()
            return Response(status_code=refusal.status)
        ACKNOWLEDGED.labels(self._channel.name).observe(time.perf_counter() - began)
        return self._acknowledgement()

    async def _take(self, request: Request) -> None:
        arrival = Arrival(
            url=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
            headers=request.headers,
            stream=request.stream(),
            largest=self._channel.limits.body_bytes,
        )
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != self._content_type:
            raise Refused("content_type", 415)
        speaker = await self._channel.verify(arrival)
        if self.accept is None:
            raise Refused("not_ready", 503)
        parsed = self._channel.parse(await arrival.body(), speaker=speaker, url=arrival.url)
        await self.accept(parsed)
        if isinstance(self._channel, Acknowledges):
            in_background(self._channel.acknowledge(parsed))
