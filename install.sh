#!/usr/bin/env bash
# Installs the `halo` command from this checkout into an environment of its own. Safe to run again.
#
#   bash install.sh              into ~/.local/share/halo, with `halo` in ~/.local/bin
#   bash <(curl -fsSL URL)       the same; clones $HALO_REPOSITORY first
#
# HALO_PREFIX, HALO_BIN and PYTHON choose other places and another Python. Nothing is half installed: the
# environment is made aside and takes its place in one step when `halo --version` has worked in it.
set -euo pipefail

prefix="${HALO_PREFIX:-$HOME/.local/share/halo}"
bin="${HALO_BIN:-$HOME/.local/bin}"

fail() { printf 'error: %s\n' "$1" >&2; exit 1; }

python="${PYTHON:-}"
if [ -z "$python" ]; then
  for candidate in python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1; then python="$candidate"; break; fi
  done
fi
[ -n "$python" ] && command -v "$python" >/dev/null 2>&1 ||
  fail "Python 3.11 or 3.12 is needed and none was found; install it, then run this again (or set PYTHON)"
"$python" - <<'PY' || fail "Python 3.11 or 3.12 is needed, $("$python" --version 2>&1) was found; install one, or set PYTHON to it"
import sys
sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 13) else 1)
PY

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" 2>/dev/null && pwd || true)"
fetched=""
aside=""
trap 'rm -rf "${fetched:-}" "${aside:-}"' EXIT
if [ ! -f "$source_dir/pyproject.toml" ]; then
  [ -n "${HALO_REPOSITORY:-}" ] || fail "this is no checkout; run install.sh inside one, or set HALO_REPOSITORY to clone from"
  fetched="$(mktemp -d)"
  git clone --quiet --depth 1 "$HALO_REPOSITORY" "$fetched/halo"
  source_dir="$fetched/halo"
fi

# What is installed already, from the same sources and Python, is left as it is.
wanted="$("$python" - "$source_dir" <<'PY'
import hashlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
digest = hashlib.sha256(sys.version.encode())
for name in sorted([root / "pyproject.toml", *root.glob("harness/**/*.py"), *root.glob("compiler/**/*.py")]):
    digest.update(str(name.relative_to(root)).encode() + b"\0" + name.read_bytes())
print(digest.hexdigest())
PY
)"
if [ -x "$prefix/bin/halo" ] && [ "$(cat "$prefix/installed" 2>/dev/null)" = "$wanted" ] &&
   [ "$(readlink "$bin/halo" 2>/dev/null)" = "$prefix/bin/halo" ] && "$prefix/bin/halo" --version >/dev/null 2>&1; then
  "$prefix/bin/halo" --version
  echo "already installed: $bin/halo"
  exit 0
fi
if [ -e "$bin/halo" ] && [ "$(readlink "$bin/halo" 2>/dev/null)" != "$prefix/bin/halo" ]; then
  fail "$bin/halo is another program; remove it, or set HALO_BIN to another folder"
fi

mkdir -p "$(dirname "$prefix")" "$bin"
aside="$(mktemp -d "$prefix.new.XXXXXX")"
"$python" -m venv ${HALO_VENV_ARGS:-} "$aside" || fail "cannot make a virtual environment; install Python's venv module"
# Packages are built where they lie: a copy keeps the checkout as it is.
[ -n "$fetched" ] || fetched="$(mktemp -d)"
mkdir "$fetched/build"
for part in pyproject.toml README.md LICENSE ape_facetworks.py compiler harness scripts; do
  cp -R "$source_dir/$part" "$fetched/build/$part"
done
"$aside/bin/python" -m pip install --quiet --disable-pip-version-check ${HALO_PIP_ARGS:-} "$fetched/build[demo,services]" ||
  fail "installing the packages failed; nothing was changed"
"$aside/bin/python" -m harness.cli.halo --version >/dev/null || fail "the installed command does not run; nothing was changed"

# Scripts of an environment carry its path: they are written for the final one before it moves there.
{ grep -rlI "$aside" "$aside/bin" "$aside/pyvenv.cfg" 2>/dev/null || true; } |
  while IFS= read -r file; do sed -i.bak "s|$aside|$prefix|g" "$file" && rm -f "$file.bak"; done
printf '%s\n' "$wanted" > "$aside/installed"
old=""
if [ -e "$prefix" ]; then old="$prefix.old.$$"; mv "$prefix" "$old"; fi
mv "$aside" "$prefix"
ln -sfn "$prefix/bin/halo" "$bin/halo"
[ -z "$old" ] || rm -rf "$old"
"$prefix/bin/halo" --version
echo "installed: $bin/halo"
case ":$PATH:" in *":$bin:"*) ;; *) echo "add $bin to your PATH" ;; esac
