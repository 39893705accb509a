from django.urls import include, path

from tools.bench.deeds.minimal_view import write_rows

urlpatterns = [path("bench/rows", write_rows, name="bench-rows"), path("", include("marketplace.urls"))]
