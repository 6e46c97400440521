"""Networks of timm, without their classifier."""

from typing import Any

from torch import Tensor

from va_space.errors import CheckpointError, ConfigError
from va_space.networks.backbone import RGB, Backbone
from va_space.networks.backbones import BACKBONES
from va_space.networks.weights import load_strictly


@BACKBONES.register("timm")
class TimmBackbone(Backbone):
    """A network of timm up to its pooled features.

    Args:
        name: As timm has it, with or without the tag of its weights: "convnext_atto", "resnet18.a1_in1k".
        channels: Input channels.

    Raises:
        ConfigError: timm has no network of that name.
    """

    def __init__(self, name: str, channels: int = 3) -> None:
        super().__init__()
        import timm

        config = _pretrained_config(name)
        # A transformer for one size only would refuse multi-scale augmentation, and spectrograms.
        any_size: dict[str, Any] = {"dynamic_img_size": True} if config.get("fixed_input_size") else {}
        try:
            self.network = timm.create_model(
                name, pretrained=False, num_classes=0, in_chans=channels, **any_size
            )
        except (TypeError, RuntimeError, ValueError) as error:
            raise ConfigError(f"timm:{name} cannot be made with {channels} channels ({error})") from error
        # Some networks widen their features once more after pooling.
        width: Any = getattr(self.network, "head_hidden_size", None) or self.network.num_features
        self.name, self.features = name, int(width)
        self._classifiers = _names(config.get("classifier"))
        self._first = _names(config.get("first_conv"))

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, channels, H, W) to pooled features (N, features)."""
        return self.network(inputs)

    def maps(self, inputs: Tensor) -> list[Tensor]:
        """Feature maps of each stage or block, each (N, channels of the stage, h, w)."""
        intermediates: Any = self.network.forward_intermediates
        found: list[Tensor] = intermediates(inputs, intermediates_only=True)
        return found

    def stages(self, inputs: Tensor) -> list[Tensor]:
        """Pooled features of each stage or block, each (N, channels of the stage)."""
        return [each.mean(dim=(2, 3)) for each in self.maps(inputs)]

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take weights with the names of timm's state dict; the classifier is ignored.

        The first convolution is fitted to the number of channels as timm does it.

        Raises:
            CheckpointError: They belong to another network.
        """
        from timm.models import adapt_input_conv

        own = self.network.state_dict()
        classifiers = tuple(f"{name}." for name in self._classifiers)
        state = {key.removeprefix("network."): value for key, value in state.items()}
        state = {key: value for key, value in state.items() if not key.startswith(classifiers)}
        for key in (f"{name}.weight" for name in self._first):
            if key in state and key in own and state[key].shape[1] != own[key].shape[1]:
                state[key] = adapt_input_conv(own[key].shape[1], state[key])
        load_strictly(self.network, state)

    def load_pretrained(self) -> None:
        """Download the weights of the name's tag (timm's default without one) and take them.

        Raises:
            CheckpointError: There are none, or they could not be downloaded.
        """
        import timm

        try:
            published = timm.create_model(self.name, pretrained=True)
        except Exception as error:  # the hub's client raises a wide family, from validation to HTTP
            raise CheckpointError(
                f"the weights of timm:{self.name} could not be had ({error}). Download them elsewhere and "
                "give the local file instead of 'imagenet', or 'none' to start from random weights"
            ) from error
        self.load_weights(published.state_dict())

    @classmethod
    def pretrained_statistics(cls, variant: str) -> tuple[RGB, RGB]:
        """Mean and deviation of RGB in [0, 1] that timm states for the weights."""
        config = _pretrained_config(variant)
        return tuple(config["mean"]), tuple(config["std"])


def _pretrained_config(name: str) -> dict[str, Any]:
    """What timm says of a network's published weights: names of layers, and preprocessing."""
    import timm

    if not timm.is_model(name):
        near = timm.list_models(f"*{name.partition('.')[0]}*")[:5] if name else []
        hint = f"do you mean {', '.join(near)}?" if near else "timm.list_models() says what it has"
        raise ConfigError(f"timm has no network {name!r}; {hint}")
    config = timm.get_pretrained_cfg(name, allow_unregistered=False)
    return config.to_dict() if config else {}


def _names(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
