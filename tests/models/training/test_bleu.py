import math
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_models.training.bleu import Cutter, compounds_split, detokenized

GERMAN = [
    ("Der Rich-Text-Editor kostet 3,5 Mio. Euro.", "Der Rich-Text-Editor kostet rund 3,5 Mio. Euro."),
    ("„Das ist z. B. ein Test“, sagte er – gestern!", "„Das ist ein Test“, sagte sie – gestern."),
    ("Die EU-Kommission tagt um 10:30 Uhr.", "Die EU Kommission tagte um 10:30 Uhr (Ortszeit)."),
]
WRITTEN, RIGHT = [pair[0] for pair in GERMAN], [pair[1] for pair in GERMAN]
words = st.lists(st.sampled_from(["ein", "Haus", "ist", "alt", "rot"]), min_size=1, max_size=8)


def by_the_formula(translations: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> float:
    """Papineni et al. 2002, section 2.3: 100 * BP * exp(mean of log p_n), n from 1 to 4, counts clipped."""
    precisions = []
    for n in range(1, 5):
        right = total = 0
        for ours, theirs in zip(translations, references, strict=True):
            counts, allowed = (Counter(zip(*(side[at:] for at in range(n)), strict=False)) for side in (ours, theirs))
            right += sum(min(count, allowed[gram]) for gram, count in counts.items())
            total += sum(counts.values())
        precisions.append(right / total if total else 0.0)
    if not all(precisions):
        return 0.0
    c, r = (sum(map(len, side)) for side in (translations, references))
    return 100 * min(1.0, math.exp(1 - r / c)) * math.exp(sum(map(math.log, precisions)) / 4)


@settings(deadline=None, max_examples=50)
@given(pairs=st.lists(st.tuples(words, words), min_size=1, max_size=6))
def test_it_is_the_formula(pairs: list[tuple[list[str], list[str]]]) -> None:
    """On words without signs and hyphens, BLEU of tokens is the formula's; all right is 100."""
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    score = compounds_split([" ".join(text) for text in ours], [" ".join(text) for text in theirs], "de")
    assert score.bleu == pytest.approx(by_the_formula(ours, theirs), abs=1e-9)
    if max(map(len, theirs)) >= 4:
        right = [" ".join(text) for text in theirs]
        assert compounds_split(right, right, "de").bleu == pytest.approx(100)


def test_plain_text_is_scored_as_sacrebleu_does() -> None:
    """= sacrebleu.corpus_bleu with its defaults; the signature says cased, 13a, and the version."""
    score = detokenized(WRITTEN, RIGHT)
    assert score.bleu == sacrebleu.corpus_bleu(WRITTEN, [RIGHT]).score
    assert score.signature == f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__}"


def test_tokens_are_scored_as_sacrebleu_scores_what_is_cut_by_hand() -> None:
    """= sacrebleu with tokenize="none" on these sentences cut by hand, compounds at their hyphens; and no other way."""
    written = [
        "Der Rich ##AT##-##AT## Text ##AT##-##AT## Editor kostet 3,5 Mio. Euro .",
        '„ Das ist z. B. ein Test " , sagte er – gestern !',
        "Die EU ##AT##-##AT## Kommission tagt um 10 : 30 Uhr .",
    ]
    assert [Cutter("de")(text) for text in WRITTEN] == written
    cut = [Cutter("de")(text) for text in RIGHT]
    score = compounds_split(WRITTEN, RIGHT, "de")
    none = sacrebleu.corpus_bleu(written, [cut], tokenize="none", smooth_method="none", force=True)
    assert score.bleu == none.score
    whole = [[text.replace(" ##AT##-##AT## ", "-") for text in side] for side in (written, cut)]
    assert score.bleu != sacrebleu.corpus_bleu(whole[0], [whole[1]], tokenize="none", force=True).score
    assert score.bleu != sacrebleu.corpus_bleu(WRITTEN, [RIGHT], tokenize="intl").score
    assert "tok:none|smooth:none" in score.signature


def test_hyphens_are_split_as_the_script_splits_them() -> None:
    """Between signs without space, not beside one; of two hyphens around a single letter the first: "a-b-c"."""
    cut = Cutter("en")
    assert cut("a rich-text format - and -this") == "a rich ##AT##-##AT## text format - and -this"
    assert cut("a-b-c") == "a ##AT##-##AT## b-c"


@pytest.mark.parametrize("sides", [(["a"], []), ([], ["a"]), ([], []), (["a", "b"], ["a"])])
def test_every_reference_needs_a_translation(sides: tuple[list[str], list[str]]) -> None:
    """Other numbers of translations than of references, or none at all, raise ValueError with both."""
    for score in (detokenized, lambda ours, theirs: compounds_split(ours, theirs, "de")):
        with pytest.raises(ValueError, match=f"got {len(sides[0])} for {len(sides[1])}"):
            score(*sides)


@pytest.mark.verifies("BLEU#^by-hand")
def test_a_sentence_worked_out_by_hand() -> None:
    """Six of seven words, with 4 of 5 pairs, 2 of 4 triples and 1 of 3 runs of four: 51.2."""
    score = compounds_split(["el gato vio la casa roja"], ["el gato grande vio la casa roja"], "es")
    assert score.bleu == pytest.approx(100 * math.exp(-1 / 6) * (4 / 5 * 2 / 4 * 1 / 3) ** 0.25)
    assert round(score.bleu, 1) == 51.2


@pytest.mark.verifies("BLEU#^not-a-mean")
def test_the_score_of_a_set_is_not_the_mean_of_its_sentences() -> None:
    """Of these three, one is right in no run of four words, and has 0 alone; together it is no mean."""
    right = ["das alte Haus ist rot", "ein altes Haus", "das Haus ist alt und rot"]
    ours = ["das alte Haus ist rot", "ein rotes Haus", "das Haus ist alt und rot"]
    alone = [compounds_split([mine], [theirs], "de").bleu for mine, theirs in zip(ours, right, strict=True)]
    assert alone == [pytest.approx(100), 0, pytest.approx(100)]
    assert compounds_split(ours, right, "de").bleu > sum(alone) / 3 + 10


@pytest.mark.verifies("BLEU#^two-ways")
def test_the_same_translations_have_two_scores(record_property: Callable[[str, object], None]) -> None:
    """Cut by sacrebleu, and by Moses with compounds split, the three German sentences differ by more than a point."""
    plain, split = detokenized(WRITTEN, RIGHT).bleu, compounds_split(WRITTEN, RIGHT, "de").bleu
    record_property("BLEU in two ways", f"{plain:.1f}, {split:.1f}")
    assert abs(plain - split) > 1
