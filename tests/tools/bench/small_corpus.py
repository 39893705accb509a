"""A few texts with judgements, for the tests of the relevance bench."""

from tools.bench.search.relevance.texts import CorpusText, JudgedQuery, Judgements, Misspelling

TEXTS = [
    CorpusText(
        "lakes/ice", "Lake ice", "Days on which a lake is frozen.", "One row for each winter.", ("winter",),
        (("winter_start", "year in which the winter starts"), ("frozen_days", "days with ice")),
    ),
    CorpusText(
        "lakes/depth", "Lake depth", "How deep each lake is.", "Measured by sonar from a boat.", ("sonar",),
        (("max_depth", "metres below the surface"),),
    ),
    CorpusText("ponds/ice", "Lake ice", "Ponds of a park.", "Frozen or not, by day.", (), (("pond", ""),)),
    CorpusText("bees/hives", "Beehives", "Weight of hives.", "Weighed each evening.", ("honey",), (("kg", ""),)),
]  # fmt: skip
JUDGEMENTS = Judgements(
    used=(
        JudgedQuery("lake ice", {"lakes/ice": 3, "ponds/ice": 2}),
        JudgedQuery("sonar", {"lakes/depth": 3}),
    ),
    unused=(JudgedQuery("weight of honey", {"bees/hives": 3}),),
    misspellings=(Misspelling("beehvies", "bees/hives"), Misspelling("frozne", "lakes/ice")),
)
