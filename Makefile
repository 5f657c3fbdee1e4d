# One word for each daily habit. Everything is made under .venv and var/; nothing of the shell's
# own Python or Django reaches the commands below.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME CONDA_PREFIX DJANGO_SETTINGS_MODULE
unexport DJANGO_CONFIGURATION PYTEST_ADDOPTS PYTEST_PLUGINS
# Bytecode is kept: three processes of the tests would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONNOUSERSITE := 1
SHELL := /bin/sh

PYTHON ?= python3
PY := .venv/bin/python
PORT ?= 8000
JOURNEYS ?= 240000
AT ?= 2027-01-01 00:20

# The whole of a run's time, installation included, is what `make demo` says.
demo: export DEMO_STARTED := $(shell date +%s)
demo run: export PORT := $(PORT)
demo: export JOURNEYS := $(JOURNEYS)

.DEFAULT_GOAL := help
.PHONY: help install demo run test clock check faults bench mutate prove backup restore restore-drill fmt

help: ## cette liste
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

install: ## l'environnement virtuel, ses dépendances verrouillées, Pango et Chromium
	@$(PYTHON) bin/setup.py test

demo: ## le produit entier, avec ses données, sur 127.0.0.1 (PORT=8000 JOURNEYS=240000 ONCE=1)
	@$(PYTHON) bin/setup.py demo
	@exec $(PY) -m sprocep.demo

run: ## le site seul, en développement, sur la base de la démonstration (PORT=8000)
	@$(PYTHON) bin/setup.py test
	@DEBUG=1 INSECURE_COOKIES=1 exec $(PY) -m sprocep.embedded --root var/servers -- \
		sh -c '$(PY) manage.py migrate --database owner --noinput && \
		$(PY) manage.py keep_scope_key && \
		exec $(PY) manage.py runserver 127.0.0.1:$(PORT)'

test: ## les tests du jour, sur deux processus (ARGS="tests/regions -k scope" WALK_SEED=2026-12-02)
	@$(PYTHON) bin/setup.py test
	$(PY) -m pytest -n 2 --no-loadscope-reorder --durations=10 $(ARGS)

clock: export FAKETIME_DONT_FAKE_MONOTONIC := 1
clock: ## les tests, hors navigateur, un autre jour et à une autre heure (AT='2027-01-01 00:20'), par faketime
	@$(PYTHON) bin/setup.py test
	faketime '$(AT)' $(PY) -m pytest -n 2 -m "not faults and not prove and not e2e and not real_clock" $(ARGS)

check: ## mise en forme, règles de code, dépendances entre applications, migrations, réglages
	@$(PYTHON) bin/setup.py test
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m djlint --quiet --check --lint templates
	.venv/bin/lint-imports --no-logo
	@$(PY) manage.py spectacular --validate --fail-on-warn | cmp - docs/openapi.yaml || { \
		echo 'À refaire : $(PY) manage.py spectacular --file docs/openapi.yaml'; exit 1; }
	$(PY) -m sprocep.embedded --ephemeral -- sh -ec '\
		$(PY) manage.py makemigrations --check --dry-run; \
		$(PY) manage.py migrate --database owner --noinput --verbosity 0; \
		$(PY) manage.py check --deploy --database default --fail-level WARNING'

faults: ## pannes provoquées : travailleurs tués, serveurs arrêtés, verrous, horloges, disque plein (12 min)
	@$(PYTHON) bin/setup.py test
	$(PY) -m pytest -n 0 -p no:randomly -m "" tests/faults $(ARGS)

bench: ## les durées de docs/benchmarks.md
	@$(PYTHON) bin/setup.py test
	$(PY) -m bench

mutate: ## chaque règle d'isolation et de droits cassée à son tour : un test doit le voir
	@$(PYTHON) bin/setup.py test
	$(PY) -m tests.mutations

prove: export WALKS := whole
prove: export SWAPS := 5000
prove: ## la nuit : parcours entiers, lignes couvertes, les deux largeurs, attaque, mutations, autre horloge, pannes
	@$(PYTHON) bin/setup.py test
	$(PY) -m pytest -n 2 --no-loadscope-reorder -m "not faults" --durations=30 --cov --cov-branch $(ARGS)
	$(MAKE) --no-print-directory mutate
	$(MAKE) --no-print-directory clock WALKS=
	$(MAKE) --no-print-directory faults

backup: ## sauvegarde la base dans var/backups/<instant>/ (à part : var/person_keys.json)
	@$(PYTHON) bin/setup.py demo
	@$(PY) -m sprocep.backup keep

restore: ## restaure une sauvegarde dans une base vide (FROM=var/backups/…)
	@$(PYTHON) bin/setup.py demo
	@$(PY) -m sprocep.backup restore $(FROM)

restore-drill: ## restaure sur un serveur neuf et vérifie tous les sceaux (FROM=var/backups/…)
	@$(PYTHON) bin/setup.py demo
	@$(PY) -m sprocep.backup drill $(FROM)

fmt: ## met en forme le code et les gabarits
	@$(PYTHON) bin/setup.py test
	$(PY) -m ruff check --fix --exit-zero .
	$(PY) -m ruff format .
	$(PY) -m djlint --quiet --reformat templates
