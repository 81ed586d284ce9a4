"""Recognizing citations as people paste them, and leaving remarks and any other text alone."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from site_builder.references import Work, recognize
from site_builder.references.plain import LONGEST
from site_builder.references.work import ET_AL
from tests.test_references import work

PAPER = {"title": "Attention Is All You Need", "year": 2017, "arxiv": "1706.03762"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "Vaswani, A., Shazeer, N. *Attention Is All You Need*. NIPS 2017. arXiv:1706.03762.",
            work("A. Vaswani", "N. Shazeer", **PAPER, venue="NIPS"),
        ),
        (
            'Ashish Vaswani, Noam Shazeer, et al. "Attention Is All You Need." Advances in Neural Information '
            "Processing Systems 30, 2017. https://arxiv.org/abs/1706.03762",
            work(
                "Ashish Vaswani",
                "Noam Shazeer",
                ET_AL,
                **PAPER,
                venue="Advances in Neural Information Processing Systems 30",
            ),
        ),
        (
            'Vaswani, Ashish, et al. "Attention is all you need." *Advances in neural information processing '
            "systems* 30 (2017).",
            work(
                "Ashish Vaswani",
                ET_AL,
                title="Attention is all you need",
                year=2017,
                venue="Advances in neural information processing systems 30",
            ),
        ),
        (
            "Kingma, Diederik P., and Jimmy Ba. “Adam: A Method for Stochastic Optimization.” ICLR, 2015.",
            work(
                "Diederik P. Kingma",
                "Jimmy Ba",
                title="Adam: A Method for Stochastic Optimization",
                venue="ICLR",
                year=2015,
            ),
        ),
        (
            "Hochreiter, S., & Schmidhuber, J. (1997). Long short-term memory. *Neural Computation*, 9(8), 1735–1780. "
            "https://doi.org/10.1162/neco.1997.9.8.1735",
            work(
                "S. Hochreiter",
                "J. Schmidhuber",
                title="Long short-term memory",
                venue="Neural Computation, 9(8)",
                year=1997,
                doi="10.1162/neco.1997.9.8.1735",
            ),
        ),
        (
            "Jimmy L. Ba, Jamie R. Kiros, and Geoffrey E. Hinton. Layer normalization. arXiv preprint "
            "arXiv:1607.06450v1 [stat.ML], 2016.",
            work(
                "Jimmy L. Ba",
                "Jamie R. Kiros",
                "Geoffrey E. Hinton",
                title="Layer normalization",
                year=2016,
                arxiv="1607.06450",
            ),
        ),
        (
            "Graves A. Neural Turing Machines. arXiv:1410.5401, 2014.",
            work("A. Graves", title="Neural Turing Machines", year=2014, arxiv="1410.5401"),
        ),
        (
            "Chollet, F. Xception: Deep Learning. CVPR 2017.",
            work("F. Chollet", title="Xception: Deep Learning", venue="CVPR", year=2017),
        ),
        (
            "Kingma, D. P. and Ba, J. Adam: A Method. ICLR 2015.",
            work("D. P. Kingma", "J. Ba", title="Adam: A Method", venue="ICLR", year=2015),
        ),
        (
            "Ba, Kiros, Hinton. Layer normalization. CoRR abs/1607.06450, 2016, p. 3, §3.2.",
            work("Ba", "Kiros", "Hinton", title="Layer normalization", year=2016, arxiv="1607.06450"),
        ),
        (
            "See Vaswani et al., *Attention Is All You Need*, NIPS 2017, section 3.2.1, pp. 4–5.",
            work("Vaswani", ET_AL, title="Attention Is All You Need", venue="NIPS", year=2017),
        ),
        (
            "Ba, Kiros, Hinton. Layer normalization. arXiv:1607.06450, 2016. The paper that normalizes a layer. "
            "Read in 2020.",
            work("Ba", "Kiros", "Hinton", title="Layer normalization", year=2016, arxiv="1607.06450"),
        ),
        (
            "Uszkoreit, J. *Transformer: A Novel Neural Network Architecture for Language Understanding*. Google "
            "Research blog, August 2017. <https://research.google/blog/transformer/>",
            work(
                "J. Uszkoreit",
                title="Transformer: A Novel Neural Network Architecture for Language Understanding",
                venue="Google Research blog",
                year=2017,
                url="https://research.google/blog/transformer/",
            ),
        ),
        (
            "[^7]: van den Oord, A., Vinyals, O. *Neural Discrete Representation Learning*. NIPS 2017.",
            work(
                "A. van den Oord",
                "O. Vinyals",
                title="Neural Discrete Representation Learning",
                venue="NIPS",
                year=2017,
            ),
        ),
        (
            "- [ ] [Attention Is All You Need](https://arxiv.org/pdf/1706.03762v5.pdf), Vaswani et al., 2017",
            work("Vaswani", ET_AL, **PAPER),
        ),
        ("[Attention Is All You Need](https://arxiv.org/abs/1706.03762)", work(**PAPER | {"year": None})),
        ("[Vaswani et al., 2017](https://arxiv.org/abs/1706.03762)", work("Vaswani", ET_AL, **PAPER | {"title": ""})),
        ("Vaswani et al. (2017), arXiv:1706.03762.", work("Vaswani", ET_AL, **PAPER | {"title": ""})),
        ("As [they](https://arxiv.org/abs/1706.03762) note, dropout comes last.", work(arxiv="1706.03762")),
        ("The scale is derived in arXiv:1706.03762, footnote 4.", work(arxiv="1706.03762")),
        ("https://doi.org/10.48550/arXiv.1706.03762", work(arxiv="1706.03762")),
        ("doi:10.1000/182.", work(doi="10.1000/182")),
        ("(see https://doi.org/10.1016/0364-0213(90)90002-E)", work(doi="10.1016/0364-0213(90)90002-e")),
        (
            "Knight. Old style. arXiv:cmp-lg/9407021, 1994.",
            work("Knight", title="Old style", year=1994, arxiv="cmp-lg/9407021"),
        ),
        (
            "Ba, Kiros, Hinton. *Layer normalization*. 2016. %% not arXiv:1234.56789, ask Ada %% #paper ^ba",
            work("Ba", "Kiros", "Hinton", title="Layer normalization", year=2016),
        ),
        (
            "Ba, Kiros, Hinton.\n  *Layer\n  normalization*. arXiv:1607.06450,\n  2016.\n\n"
            "  A second paragraph of 2020.",
            work("Ba", "Kiros", "Hinton", title="Layer normalization", year=2016, arxiv="1607.06450"),
        ),
    ],
)
def test_citations_from_the_wild_are_read_exactly(text: str, read: Work) -> None:
    """Citations as people paste them: every field of the work is right."""
    assert recognize(text) == read


REMARKS = [
    "",
    "   ",
    "This is a side remark about softmax.",
    "See also the discussion in section 3.",
    "Measured in 2017 on our machine.",
    "In 2017, *attention* replaced recurrence.",
    "Vaswani et al. (2017). Dropout is applied to each sub-layer.",
    "Vaswani et al. (2017), section 3.2.",
    "Vaswani et al. (2017). Dropout is applied to each sub-layer. BLEU rises by one point.",
    "The NIPS version says 41.0; the fifth arXiv version (2017) says 41.8.",
    "Encoder, Decoder. Both have six layers, as in 2017.",
    "Encoder, Decoder. Six layers each. See the 2017 paper.",
    "Query, Key, Value. They come from one matrix. See the paper of 2017.",
    "Query, Key, Value. Three projections of the same input.",
    "Softmax. Attention weights. 2017.",
    "Warning. Do not run this on a laptop. Measured in 2017.",
    "Machine Learning. A course note, 2017.",
    "BLEU, perplexity. Lower is better for the second; newstest, 2014.",
    "Table 2, row 3. BLEU on newstest2014.",
    "Adam, with β₂ = 0.98; see Section 5.3.",
    "*Emphasis* alone is no title, not even in 2017.",
    "**Note**, 2017.",
    "[Wikipedia](https://en.wikipedia.org/wiki/Attention_(machine_learning)), read in 2024.",
    "[The original paper](https://example.org), 2017.",
    "A long range, 1735–1780, is no year.",
    "The model has 2048 units and 1024 positions.",
    "Vaswani calls this *attention* in 2017.",
    "Two works: arXiv:1706.03762 and arXiv:1607.06450.",
    "`Vaswani, A. Attention. NIPS 2017.`" + " and so on" * 3,
    "$2017$, and $x_{2016}$.",
    "```\nBa, Kiros, Hinton. Layer normalization. 2016.\n```",
    "Batch Norm, Layer Norm. Two ways to normalize, 2016.",
    "Self-Attention, Cross-Attention. Both use softmax. NIPS 2017.",
    "Bahdanau, Cho, and Bengio call it *alignment*, 2015.",
    "Hochreiter, Schmidhuber: two names, 1997.",
    "Hinton, quoted in *Nature*, 2017.",
    "Today is Monday. In 2017 it was Sunday.",
]


@pytest.mark.parametrize("text", REMARKS)
def test_a_remark_is_no_reference(text: str) -> None:
    """Remarks with years, names, emphasis, links and numbers are not taken for works."""
    assert recognize(text) is None


_PIECES = (
    'Ba,_ J._ and_ et_al._ * " [ ](https:// 10.1/x 10.1000/x )_ arXiv:1706.03762_ 2017 ( ._ ?_ p._3 A_title_ > -_ | ` $'
)
PIECES = [*(piece.replace("_", " ") for piece in _PIECES.split()), "\0", "\n", "\n\n"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
@example("*")
@example("[](")
def test_any_text_is_a_work_or_none(text: str) -> None:
    """Whatever the text, the answer is a work with a year or an identifier, or None; never an exception."""
    read = recognize(text)
    if read is not None:
        assert read.doi or read.arxiv or (read.year and read.authors and read.title)


@pytest.mark.parametrize(
    "text", ["Ba, " * LONGEST, "[" * LONGEST, "*a " * (LONGEST // 3), "(" * LONGEST, "x" * 5_000_000]
)
def test_a_long_text_is_no_citation(text: str) -> None:
    """Text of megabytes, and text of deep or broken markup, is no work."""
    assert recognize(text) is None
