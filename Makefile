.DEFAULT_GOAL := help
.PHONY: help demo test all check

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

demo:  ## everything on this machine: sets up, proves the main job, serves until Ctrl-C
	python3 manage.py demo

test:  ## the gate, behaviour tests, one journey, one browser story: five minutes
	python3 manage.py test

all:  ## every test: half an hour
	python3 manage.py test --all

check:  ## the gate only: formatting, types, imports, templates, migrations, architecture, docs
	python3 manage.py test --gate
