import os

from django.core.wsgi import get_wsgi_application

from marketplace.middleware import require_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
application = require_utf8(get_wsgi_application())
