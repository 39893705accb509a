.DEFAULT_GOAL := help
.PHONY: help demo test all mocklake check

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

demo:  ## everything on this machine: sets up, proves the main job, serves until Ctrl-C
	python3 manage.py demo

test:  ## the gate, behaviour tests, one journey, one browser story: five minutes
	python3 manage.py test

all:  ## every test, those of mocklake too: half an hour
	python3 manage.py test --all

mocklake:  ## the tests of mocklake alone: no services, three minutes
	.venv/bin/python -m pytest mocklake/tests -n 2

check:  ## the gate only: formatting, types, imports, templates, migrations, architecture, docs
	python3 manage.py test --gate
