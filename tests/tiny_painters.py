"""Small random text-to-picture pipelines, saved as diffusers saves real ones."""

import torch
from tiny_networks import LETTERS, louder


def _tokenizer():
    """CLIP's: letters, and letters that end a word."""
    from transformers import CLIPTokenizer

    signs = [*LETTERS, *"0123456789.,:;'-&"]
    marks = ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: n for n, token in enumerate([*signs, *(f"{sign}</w>" for sign in signs), *marks])}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)


def _parts(tokens):
    import diffusers
    import transformers

    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=16,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=4,
        norm_num_groups=4,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=[8, 8],
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        latent_channels=4,
        norm_num_groups=4,
    )
    text = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            hidden_size=16,
            intermediate_size=32,
            num_attention_heads=2,
            num_hidden_layers=2,
            vocab_size=tokens,
            bos_token_id=tokens - 2,
            eos_token_id=tokens - 1,
            max_position_embeddings=77,
        )
    )
    louder(text, 8)
    louder(unet, 1.5)
    return unet, vae, text


def stable_diffusion(folder, lcm=False):
    """A Stable Diffusion of 32 x 32 pixels; with `lcm` one that was distilled to few steps."""
    import diffusers

    with torch.random.fork_rng():
        torch.manual_seed(0)
        tokenizer = _tokenizer()
        unet, vae, text = _parts(len(tokenizer))
    scheduler = (
        diffusers.LCMScheduler(steps_offset=1)
        if lcm
        else diffusers.DDIMScheduler(clip_sample=False, steps_offset=1)
    )
    pipeline = diffusers.StableDiffusionPipeline(
        unet=unet,
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)
    return folder
