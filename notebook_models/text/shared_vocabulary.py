"""One byte-pair vocabulary for two languages, at the speed that millions of sentences need. Knows nothing of models.

Text is cut as `BytePairEncoding` cuts it, by Hugging Face's tokenizers, whose file this is as well. What is learned
differs only where pairs are equally frequent: the library has the bytes in another order.

Source: Vaswani et al. 2017, section 5.1: "a shared source-target vocabulary of about 37000 tokens".
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from zlib import crc32

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from notebook_models.text.byte_pair_encoding import END, N_SPECIAL, PAD, PIECE, START

SPECIAL = {PAD: "<pad>", START: "<start>", END: "<end>"}


class SharedVocabulary:
    """Token 0 is padding, 1 the start and 2 the end of a sequence, then 256 bytes, then what each merge makes."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.encode_special_tokens = True  # a text that holds "<pad>" means these five letters

    @classmethod
    def learn(cls, texts: Iterable[str], size: int) -> "SharedVocabulary":
        """Join the most frequent pair of neighbors until there are `size` tokens.

        Raises ValueError where the texts are too few for so many, or `size` is below that of the bytes themselves.
        """
        bytes_alone = N_SPECIAL + 256
        if size < bytes_alone:
            msg = f"a vocabulary has at least {bytes_alone} tokens, got {size}"
            raise ValueError(msg)
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(PIECE.pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ])  # fmt: skip
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        special = [SPECIAL[number] for number in sorted(SPECIAL)]
        tokenizer.train_from_iterator(
            texts,
            trainers.BpeTrainer(
                vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False
            ),
        )
        learned = cls(tokenizer)
        learned.expect(size)
        return learned

    @classmethod
    def load(cls, path: Path) -> "SharedVocabulary":
        """Return what `save` has written; raises ValueError when the file holds another kind of vocabulary."""
        content = path.read_bytes()
        try:
            tokenizer = Tokenizer.from_buffer(content)
        except Exception as error:  # the library raises nothing more exact
            msg = f"{path} is no vocabulary of tokenizers: {error}"
            raise ValueError(msg) from error
        got = {number: tokenizer.id_to_token(number) for number in SPECIAL}
        if got != SPECIAL:
            msg = f"{path} is another kind of vocabulary: expected the tokens {SPECIAL}, got {got}"
            raise ValueError(msg)
        return cls(tokenizer)

    def save(self, path: Path) -> None:
        """Write `tokenizer.json`, which Hugging Face's libraries read as well."""
        path.write_text(self._tokenizer.to_str(), encoding="utf-8")

    def expect(self, size: int) -> None:
        """Raise ValueError unless there are `size` tokens."""
        if len(self) != size:
            got = len(self)
            msg = f"expected a vocabulary of {size:,} tokens, got {got:,}: take more text, or --vocabulary {got}"
            raise ValueError(msg)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of texts, on all processors; none of them is special."""
        return [encoded.ids for encoded in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens, special ones left out; bytes that are no UTF-8 become U+FFFD."""
        return self._tokenizer.decode(tokens, skip_special_tokens=True)

    def __len__(self) -> int:
        """How many tokens there are, the three special ones included."""
        return self._tokenizer.get_vocab_size()

    @property
    def checksum(self) -> int:
        """A number that differs when any token or merge does."""
        return crc32(self._tokenizer.to_str().encode())
