"""Files of products as a browser or a program gets them."""

from django.http import HttpResponse

from catalog.product_files.formats import FILE_ENDINGS, FileFormat, write_file
from catalog.product_files.state import ProductFile

MEDIA_TYPES = {
    FileFormat.ODCS_3_1: "application/odcs+yaml;version=3.1.0",
    FileFormat.ODCS_3_2: "application/odcs+yaml;version=3.2.0",
    FileFormat.ODPS: "application/odps+yaml;version=1.1.0",
    FileFormat.DPROD: "application/ld+json",
}


def answer_file(product: ProductFile, kind: FileFormat) -> HttpResponse:
    name = f"{product.slug}.{FILE_ENDINGS[kind]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write_file(product, kind), content_type=MEDIA_TYPES[kind], headers=headers)
