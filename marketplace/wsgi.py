import os

from django.core.wsgi import get_wsgi_application

from marketplace.request_encoding import utf8_only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
application = utf8_only(get_wsgi_application())
