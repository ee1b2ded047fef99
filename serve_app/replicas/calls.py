"""Calls of Serve handles: bounded waits, and Ray's errors told apart by whether trying again can help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ray.exceptions import RayError, RayTaskError
from ray.serve.exceptions import BackPressureError, RayServeException

from credit.errors import DependencyUnavailable, LoanstreamError, Overloaded, PermanentError

T = TypeVar("T")


async def call_step(name: str, response: Awaitable[T], timeout_s: float) -> T:
    """Await a handle's response for at most `timeout_s`; whatever Ray raises comes out as one of our errors."""
    try:
        return await asyncio.wait_for(response, timeout_s)
    except LoanstreamError:
        raise
    except BackPressureError as error:
        raise Overloaded(f"{name} has more work queued than it takes: {error}") from None
    except TimeoutError:
        raise DependencyUnavailable(f"{name} did not answer within {timeout_s:.0f} s") from None
    except RayTaskError as error:
        # Code of ours raised it over there: the same call would raise it again.
        raise PermanentError(f"{name} failed on this batch: {str(error).strip().splitlines()[-1]}") from None
    except (RayError, RayServeException) as error:
        raise DependencyUnavailable(f"{name} failed: {type(error).__name__}: {str(error).splitlines()[-1]}") from None
