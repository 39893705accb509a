# Stands in for the python image: Debian's own Python as `python`, with the certificates that this machine trusts.
FROM localhost/meshmarket-debian:1
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN python3 -m venv /opt/python
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt PATH=/opt/python/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
