# One virtual environment for everything here: .venv, built once, renewed when pyproject.toml changes.

PORT ?= 8000
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$python && break; done)
UV := $(shell command -v uv 2>/dev/null)
MANAGE := .venv/bin/python example_project/manage.py

.NOTPARALLEL:
.PHONY: help demo test bench load crowd screenshots messages clean port python
# Whoever works on a Django site of their own in the same shell has these set.
unexport DJANGO_SETTINGS_MODULE DATABASE_URL CACHE_URL SECRET_KEY ALLOWED_HOSTS

help:
	@echo "make demo         the example site on http://127.0.0.1:$(PORT)/ (another port: make demo PORT=8001)"
	@echo "make test         the tests (some of them: make test ARGS='-k seed')"
	@echo "make bench        the benchmarks, some minutes (shorter: make bench ARGS='--sizes 50,1000')"
	@echo "make load         load the example site on PostgreSQL and Redis; needs wrk and what .ci/services starts"
	@echo "make crowd        the owner's pages about 100,000 learners on PostgreSQL; needs what .ci/services starts"
	@echo "make messages     bring the catalogs of both locale folders up to date; needs GNU gettext"
	@echo "make screenshots  renew the pictures in docs/images; needs tox and Chromium"
	@echo "make clean        remove what these commands and tox have built; the data of the demo stay"

demo: port .venv/installed
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) shell --no-imports --command "from django.contrib.auth.models import User; \
	User.objects.filter(username='admin').exists() or User.objects.create_superuser('admin', password='admin')"
	@echo "The example site:  http://127.0.0.1:$(PORT)/"
	@echo "Its admin:         http://127.0.0.1:$(PORT)/admin/"
	@echo "Name and password: admin, admin (for this machine only)"
	@exec $(MANAGE) runserver 127.0.0.1:$(PORT)

test: .venv/installed
	@.venv/bin/python -m pytest $(ARGS)

# All, whatever the first ones find; ARGS are for the last, and --check for maps and the editor, too.
bench: .venv/bench
	@.venv/bin/python benchmarks/writing.py; writing=$$?; echo; \
	.venv/bin/python benchmarks/maps.py $(filter --check,$(ARGS)); maps=$$?; echo; \
	.venv/bin/python benchmarks/editor.py $(filter --check,$(ARGS)); editor=$$?; echo; \
	.venv/bin/python benchmarks/rendering.py $(ARGS) && exit $$((writing + maps + editor))

load: .venv/production
	@.ci/services .venv/bin/python benchmarks/serving.py $(ARGS)

crowd: .venv/production
	@.ci/services .venv/bin/python benchmarks/learners.py $(ARGS)

messages: .venv/installed
	@for each in django_roadmap example_project; do cd $(CURDIR)/$$each && \
	$(CURDIR)/.venv/bin/python -m django makemessages --all -e html,txt,py,svg --no-location --no-obsolete --no-wrap && \
	sed -i.old '/^"POT-Creation-Date:/d' locale/*/LC_MESSAGES/django.po && \
	rm locale/*/LC_MESSAGES/django.po.old && \
	$(CURDIR)/.venv/bin/python -m django compilemessages || exit 1; done

screenshots:
	tox run -e browser -- tests/browser/screenshots.py

clean:
	rm -rf .venv .tox .mypy_cache .pytest_cache .ruff_cache .hypothesis dist docs/_build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

port: python
	@$(PYTHON) -c "import socket; socket.create_server(('127.0.0.1', $(PORT)))" 2>/dev/null || { \
	echo "Port $(PORT) is taken or not allowed. Choose another one: make demo PORT=8001" >&2; exit 1; }

python:
	@test -n "$(PYTHON)" && $(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10))" || { \
	echo "Python 3.10 or newer is needed. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }

.venv/installed: pyproject.toml | python
ifdef UV
	@echo "Installing into .venv with uv"
	@uv venv --quiet --allow-existing --python $(PYTHON) .venv
	@uv pip install --quiet --python .venv/bin/python --group test --editable .
else
	@echo "Installing into .venv"
	@$(PYTHON) -c "import ensurepip, venv" || { \
	echo "$(PYTHON) lacks the venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@# Dependency groups need pip 25.1.
	@.venv/bin/python -m pip install --quiet --upgrade pip
	@.venv/bin/python -m pip install --quiet --group test --editable .
endif
	@touch $@

.venv/bench .venv/production: .venv/installed
ifdef UV
	@uv pip install --quiet --python .venv/bin/python --group $(@F)
else
	@.venv/bin/python -m pip install --quiet --group $(@F)
endif
	@touch $@
