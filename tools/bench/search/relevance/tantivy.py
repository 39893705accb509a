"""tantivy over the texts of a corpus, in a Python of its own: with its defaults, and with English stems."""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.bench.search.relevance.scores import FIRST_HITS
from tools.bench.search.relevance.texts import CorpusText, read_texts

TOKENIZERS = {"tantivy": "default", "tantivy with stems": "en_stem"}


class TextIndex:
    """In memory. Any word of a query is enough, all fields count alike: tantivy's defaults."""

    def __init__(self, texts: Sequence[CorpusText], tokenizer: str) -> None:
        tantivy: Any = import_module("tantivy")
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("key", stored=True, tokenizer_name="raw")
        self._fields = list(texts[0].get_fields())
        for field in self._fields:
            builder.add_text_field(field, tokenizer_name=tokenizer)
        self._index = tantivy.Index(builder.build())
        writer = self._index.writer()
        for text in texts:
            writer.add_document(tantivy.Document(key=text.key, **text.get_fields()))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, text: str) -> list[str]:
        """Keys of the first ten hits. What is no valid query is read as far as it is one."""
        query, _errors = self._index.parse_query_lenient(text, self._fields)
        hits = self._searcher.search(query, FIRST_HITS).hits
        return [self._searcher.doc(address).get_first("key") for _, address in hits]


def main(texts_file: str, queries_file: str) -> None:
    texts, queries = read_texts(Path(texts_file)), json.loads(Path(queries_file).read_text())
    found = {}
    for name, tokenizer in TOKENIZERS.items():
        index = TextIndex(texts, tokenizer)
        found[name] = [index.find(text) for text in queries]
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
