"""Small random networks of the kinds that generation loads, saved as their libraries save real ones."""

import functools

import torch

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["a", "an", "painting", "of", "music", "sad", "happy", "serene", "tense", "slow", "fast", "piano"]
WORDS += ["flute", "noise", "the", "sea", "with", ".", ",", ":", *LETTERS[1:]]


def _repeatable(make):
    @functools.wraps(make)
    def made(folder, seed=0, **options):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            make(folder, **options)
        return folder

    return made


def tokenizer(marks, cls=None, template=None):
    """A tokenizer of a few words and of the letters that spell the others; `marks` are its special tokens."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokens = [*marks.values(), *WORDS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token=marks["unk_token"]))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    if template:
        special = [(token, vocabulary[token]) for token in set(marks.values()) if token in template.split()]
        made.post_processor = processors.TemplateProcessing(single=template, special_tokens=special)
    return (cls or PreTrainedTokenizerFast)(tokenizer_object=made, model_max_length=64, **marks)


def louder(network, factor):
    """Larger random weights, so that what goes in is felt in what comes out."""
    for value in network.parameters():
        if value.ndim > 1:
            value.data *= factor


T5_MARKS = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}


def t5_tokenizer():
    """A tokenizer of T5: pieces with scores, "▁" for a space."""
    from transformers import T5TokenizerFast

    marks = [(mark, 0.0) for mark in T5_MARKS.values()]
    words = [(f"▁{word}", -1.0) for word in WORDS if len(word) > 1]
    pieces = [(sign, -4.0) for sign in "▁abcdefghijklmnopqrstuvwxyz0123456789.,:;'-"]
    return T5TokenizerFast(vocab=[*marks, *words, *pieces], extra_ids=0, model_max_length=64)


def roberta_tokenizer():
    """A tokenizer of RoBERTa that spells."""
    from transformers import RobertaTokenizerFast

    marks = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    vocabulary = {token: number for number, token in enumerate([*marks, *LETTERS, "Ġ", ".", ","])}
    return RobertaTokenizerFast(vocab=vocabulary, merges=[], model_max_length=64)


def _t5(words):
    from transformers import T5Config

    return T5Config(
        vocab_size=words,
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=1,
    )


@_repeatable
def musicgen(folder, positions=2048):
    """MusicGen of 0.1 M parameters at 8 kHz, 50 tokens a second."""
    import transformers

    words = t5_tokenizer()
    codec = transformers.EncodecConfig(
        sampling_rate=8000,
        upsampling_ratios=[8, 5, 4],
        target_bandwidths=[1.2],  # four codebooks of 64 entries
        num_filters=4,
        hidden_size=16,
        codebook_size=64,
        codebook_dim=16,
        num_lstm_layers=1,
    )
    decoder = transformers.MusicgenDecoderConfig(
        vocab_size=64,
        max_position_embeddings=positions,
        num_hidden_layers=1,
        ffn_dim=32,
        num_attention_heads=2,
        hidden_size=16,
        num_codebooks=codec.num_quantizers,
        pad_token_id=64,
        bos_token_id=64,
    )
    config = transformers.MusicgenConfig(text_encoder=_t5(len(words)), audio_encoder=codec, decoder=decoder)
    network = transformers.MusicgenForConditionalGeneration(config)
    louder(network.decoder, 8.0)
    louder(network.text_encoder, 2.0)
    louder(network.audio_encoder.encoder, 1.6)
    for entries in (layer.codebook.embed for layer in network.audio_encoder.quantizer.layers):
        entries.normal_()  # they are zeros until they have learnt
    generation = network.generation_config
    generation.decoder_start_token_id = generation.pad_token_id = generation.bos_token_id = 64
    generation.max_length, generation.do_sample, generation.guidance_scale = 1500, True, 3.0
    network.save_pretrained(folder)
    features = transformers.EncodecFeatureExtractor(feature_size=1, sampling_rate=8000)
    transformers.MusicgenProcessor(features, words).save_pretrained(folder)


@_repeatable
def blip(folder):
    """BLIP for captions, of pictures of 32 x 32."""
    import transformers

    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    marks |= {"bos_token": "[DEC]"}
    words = tokenizer(marks, transformers.BertTokenizerFast, "[CLS] $A [SEP]")
    ids = words.convert_tokens_to_ids
    text = transformers.BlipTextConfig(
        vocab_size=len(words),
        hidden_size=16,
        encoder_hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=64,
        bos_token_id=ids("[DEC]"),
        eos_token_id=ids("[SEP]"),
        sep_token_id=ids("[SEP]"),
        pad_token_id=ids("[PAD]"),
    )
    vision = transformers.BlipVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=32,
        patch_size=16,
    )
    config = transformers.BlipConfig(text_config=text.to_dict(), vision_config=vision.to_dict())
    network = transformers.BlipForConditionalGeneration(config)
    louder(network, 15.0)
    louder(network.vision_model.embeddings, 4.0)
    for layer in network.text_decoder.bert.encoder.layer:
        louder(layer.crossattention, 48.0)
    network.save_pretrained(folder)
    pictures = transformers.BlipImageProcessor(size={"height": 32, "width": 32})
    transformers.BlipProcessor(pictures, words).save_pretrained(folder)


CHAT = (
    "{% for message in messages %}{{ message['role'] }} : {{ message['content'] }} </s>{% endfor %}"
    "{% if add_generation_prompt %}assistant :{% endif %}"
)


@_repeatable
def llama(folder, template=CHAT):
    """A Llama with a chat template; None for one without."""
    import transformers

    words = tokenizer({"bos_token": "<s>", **T5_MARKS})
    words.chat_template, words.model_max_length = template, 512
    config = transformers.LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=512,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    network = transformers.LlamaForCausalLM(config)
    louder(network.model, 40.0)
    louder(network.lm_head, 15.0)
    network.save_pretrained(folder)
    words.save_pretrained(folder)


@_repeatable
def stable_audio(folder):
    """Stable Audio in stereo at 8 kHz, up to 2.56 s."""
    import diffusers
    import transformers
    from diffusers.pipelines.stable_audio import StableAudioProjectionModel

    words = t5_tokenizer()
    transformer = diffusers.StableAudioDiTModel(
        sample_size=256,
        in_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        num_key_value_attention_heads=2,
        out_channels=4,
        cross_attention_dim=16,
        time_proj_dim=8,
        global_states_input_dim=32,
        cross_attention_input_dim=16,
    )
    louder(transformer, 3.0)
    vae = diffusers.AutoencoderOobleck(
        encoder_hidden_size=4,
        downsampling_ratios=[4, 4, 5],
        decoder_channels=4,
        decoder_input_channels=4,
        audio_channels=2,
        channel_multiples=[1, 2, 2],
        sampling_rate=8000,
    )
    projection = StableAudioProjectionModel(
        text_encoder_dim=16, conditioning_dim=16, min_value=0, max_value=512
    )
    pipeline = diffusers.StableAudioPipeline(
        vae=vae,
        text_encoder=transformers.T5EncoderModel(_t5(len(words))),
        projection_model=projection,
        tokenizer=words,
        transformer=transformer,
        scheduler=diffusers.CosineDPMSolverMultistepScheduler(),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)


@_repeatable
def clap(folder):
    """CLAP, of sound at 48 kHz."""
    import transformers

    words = roberta_tokenizer()
    text = transformers.ClapTextConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=128,
        projection_dim=16,
        pad_token_id=words.pad_token_id,
    )
    audio = transformers.ClapAudioConfig(
        hidden_size=32,
        patch_embeds_hidden_size=4,
        depths=[1, 1, 1, 1],
        num_attention_heads=[1, 1, 1, 1],
        spec_size=128,
        num_mel_bins=32,
        window_size=2,
        projection_dim=16,
        enable_fusion=False,
    )
    config = transformers.ClapConfig(
        text_config=text.to_dict(), audio_config=audio.to_dict(), projection_dim=16
    )
    transformers.ClapModel(config).save_pretrained(folder)
    features = transformers.ClapFeatureExtractor(feature_size=32, max_length_s=2, truncation="rand_trunc")
    transformers.ClapProcessor(features, words).save_pretrained(folder)
