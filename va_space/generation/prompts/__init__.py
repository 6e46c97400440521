"""What is heard as a prompt for models that make pictures from words."""

from va_space.generation.prompts.template import Prompt, make_prompt

__all__ = ["Prompt", "make_prompt"]
