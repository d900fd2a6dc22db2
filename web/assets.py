"""Styles and scripts, served from the packages' own folders; a change of any changes every address."""

from hashlib import sha256
from pathlib import Path

from fastapi import Response
from fastapi.responses import FileResponse, PlainTextResponse

from web.languages import Language

FOLDER = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: Where they are, with the version behind it.
PREFIX = "/assets"
_FOR_EVER = "public, max-age=31536000, immutable"
_NOT_KEPT = "no-cache"


class Assets:
    """The files of all parts, each part's under its own name."""

    def __init__(self, languages: dict[str, Language]) -> None:
        self._folders = {"shell": FOLDER}
        self._words = {f"words/{code}.js": language.words for code, language in languages.items()}
        self._version = ""

    def add(self, part: str, folder: Path) -> None:
        """Serve a part's folder under its name."""
        self._folders[part] = folder
        self._version = ""

    @property
    def version(self) -> str:
        """A digest of everything served, so that what browsers keep is never of another version."""
        if not self._version:
            digest = sha256("".join(self._words.values()).encode())
            for part, folder in sorted(self._folders.items()):
                for path in sorted(folder.rglob("*")):
                    if path.suffix in _TYPES:
                        digest.update(f"{part}/{path.name}\0".encode() + path.read_bytes())
            self._version = digest.hexdigest()[:12]
        return self._version

    def url(self, path: str) -> str:
        """The address of a file, as "shell/base.css"."""
        return f"{PREFIX}/{self.version}/{path}"

    def answer(self, version: str, path: str) -> Response:
        """The file; 404 where there is none of that name."""
        caching = {"Cache-Control": _FOR_EVER if version == self.version else _NOT_KEPT}
        if path in self._words:
            return Response(self._words[path], media_type="text/javascript", headers=caching)
        part, _, name = path.partition("/")
        folder = self._folders.get(part)
        if folder is not None:
            found = (folder / name).resolve()
            media_type = _TYPES.get(found.suffix)
            if media_type and found.is_relative_to(folder.resolve()) and found.is_file():
                return FileResponse(found, media_type=media_type, headers=caching)
        return PlainTextResponse("there is no such file", 404)
