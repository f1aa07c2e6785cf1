"""What sentencepiece and HuggingFace's tokenizers make of texts, for test/golden/tokenizers."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import sentencepiece
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

root = Path(__file__).resolve().parents[2]
golden = root / "test/golden/tokenizers"
sample = (root / "samples/crime-and-punishment.txt").read_text(encoding="utf-8")

TEXTS = [
    "",
    " ",
    "a",
    "  two  spaces   within, and at the end  ",
    "a tab\tand a\nnew line\r\nand more",
    "\u2581 the mark \u2581\u2581 itself",
    "ﬁne ﬂow ① ㎏ Ｆｕｌｌ ｗｉｄｔｈ ½",
    "e\u0301 é ê\u0323 한국어 カ\u3099 ｶﾞ",
    "no\u00a0break thin\u2009space zero\u200bwidth \ufeffmark",
    "emoji 👩‍👩‍👧 🇩🇪 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "control \x01\x02 \x7f \x85 here",
    "٣ 三 Ⅷ ²",
    "....... ---- '''' \"\"\"\"",
    "“quoted,” he said—quickly…",
    "https://example.org/a_b?c=d&e=%20",
    "aaaaaaaaaaaaaaaaaaaaaaaa",
    "Unknownunknown ÿþýüûúùø unknown",
]


def of_sentencepiece(name):
    model = gzip.decompress((golden / f"{name}.model.gz").read_bytes())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    # A sentence's scores are summed up in float32: those of a whole book would lose what tells pieces apart.
    parts = [sample] if name == "cp.320" else sample.splitlines()
    ids = [id for part in parts for id in processor.encode(part)]
    packed = b"".join(id.to_bytes(2, "little") for id in ids)
    return {
        "sample": {"count": len(ids), "sha256": sha256(packed).hexdigest()},
        "texts": [
            {"text": text, "ids": (own := processor.encode(text)), "decoded": processor.decode(own)}
            for text in TEXTS
        ],
    }


def trained(model, trainer, **parts):
    tokenizer = Tokenizer(model)
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    tokenizer.train_from_iterator(sample[:60000].splitlines(), trainer)
    return tokenizer


def tokenizer_files():
    quiet = {"show_progress": False}
    return {
        "byte-level": trained(
            models.BPE(),
            trainers.BpeTrainer(
                vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **quiet
            ),
            pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False),
            decoder=decoders.ByteLevel(),
        ),
        "word-piece": trained(
            models.WordPiece(unk_token="[UNK]"),
            trainers.WordPieceTrainer(vocab_size=300, special_tokens=["[UNK]", "[SEP]"], **quiet),
            normalizer=normalizers.BertNormalizer(),
            pre_tokenizer=pre_tokenizers.BertPreTokenizer(),
            decoder=decoders.WordPiece(cleanup=False),
        ),
        "metaspace": trained(
            models.Unigram(),
            trainers.UnigramTrainer(
                vocab_size=300, special_tokens=["<unk>", "</s>"], unk_token="<unk>", **quiet
            ),
            normalizer=normalizers.NFKC(),
            pre_tokenizer=pre_tokenizers.Metaspace(),
            decoder=decoders.Metaspace(),
        ),
    }


def of_tokenizers():
    found = {}
    for name, tokenizer in tokenizer_files().items():
        text = tokenizer.to_str()
        (golden / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        # What a file holds, and nothing that training left behind.
        again = Tokenizer.from_str(text)
        cases = []
        for case in [*TEXTS, sample[1000:3000]]:
            ids = again.encode(case, add_special_tokens=False).ids
            cases.append({"text": case, "ids": ids, "decoded": again.decode(ids)})
        found[name] = cases
    return found


values = {
    "sentencepiece": {name: of_sentencepiece(name) for name in ("cp.320", "unigram")},
    "tokenizers": of_tokenizers(),
}
(golden / "expected.json").write_text(json.dumps(values, ensure_ascii=True) + "\n", encoding="utf-8")
