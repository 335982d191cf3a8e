"""The documentation of the API, served from our own files: the page names no other host."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parents[1] / "static"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>regtune: HTTP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/swagger_ui/swagger-ui.css">
</head>
<body>
<main id="documentation"></main>
<script src="/static/swagger_ui/swagger-ui-bundle.js"></script>
<script src="/static/docs.js"></script>
</body>
</html>
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)

router = APIRouter(include_in_schema=False)


@router.get("/")
def home() -> RedirectResponse:
    """The documentation, until there is a dashboard."""
    return RedirectResponse("/docs")


@router.get("/docs")
def docs() -> HTMLResponse:
    """The page that shows `/openapi.json`."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


def mount(app: FastAPI) -> None:
    """Serve the files of the page."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
