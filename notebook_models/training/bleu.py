"""BLEU of translations against one reference each, in the two ways that papers count it. Knows nothing of models.

`detokenized` is what can be compared between papers: sacrebleu cuts both sides itself, and its signature says how.
`compounds_split` is what the paper's 27.3 and 28.4 are: words are cut beforehand, and compounds at their hyphens too.
It is the higher of the two as a rule, and says little beside a figure of the other kind.

Sources: Papineni et al. 2002, for BLEU; Post 2018, for why a signature is needed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics import BLEU
from sacremoses import MosesPunctNormalizer, MosesTokenizer

HYPHEN = re.compile(r"(\S)-(\S)")


@dataclass(frozen=True, slots=True)
class Score:
    """A score of 0 to 100, and how it was counted."""

    bleu: float
    signature: str


def detokenized(translations: Sequence[str], references: Sequence[str]) -> Score:
    """Return sacrebleu's own BLEU of plain text, with its signature; raises ValueError where numbers differ."""
    return _score(BLEU(), translations, references)


def compounds_split(translations: Sequence[str], references: Sequence[str], language: str) -> Score:
    """Return BLEU of Moses' tokens, "rich-text" being three: `rich ##AT##-##AT## text`. Raises as `detokenized` does.

    The steps are those of the authors' get_ende_bleu.sh, in tensor2tensor: plain punctuation in place of Unicode's,
    Moses' tokenizer, compounds split, multi-bleu without smoothing. It has its references cut by others, in a file of
    the Stanford group; here both sides are cut alike.
    """
    cut = Cutter(language)
    counted = BLEU(tokenize="none", force=True, smooth_method="none")
    score = _score(counted, [cut(text) for text in translations], [cut(text) for text in references])
    return Score(score.bleu, f"{score.signature}, of Moses' tokens with compounds split at hyphens")


class Cutter:
    """Puts spaces between the tokens of a text, and between the parts of its compounds."""

    def __init__(self, language: str) -> None:
        self._normalizer = MosesPunctNormalizer(language)
        self._tokenizer = MosesTokenizer(language)

    def __call__(self, text: str) -> str:
        tokens = self._tokenizer.tokenize(self._normalizer.replace_unicode_punct(text), escape=False)
        return HYPHEN.sub(r"\1 ##AT##-##AT## \2", " ".join(tokens))


def _score(counted: BLEU, translations: Sequence[str], references: Sequence[str]) -> Score:
    if len(translations) != len(references) or not references:
        msg = f"expected a translation for each reference, got {len(translations)} for {len(references)}"
        raise ValueError(msg)
    score = counted.corpus_score(translations, [references])
    return Score(score.score, str(counted.get_signature()))
