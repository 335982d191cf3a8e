"""Color jitter: changes brightness, contrast, saturation and hue of each training image at random.

With factors uniform in [1 − amount, 1 + amount], drawn anew for every image and step, in this order: brightness
multiplies the pixels; contrast moves them from the image's mean brightness, saturation from the gray of the same
brightness (ITU-R BT.601) by their factor; hue turns colors about the axis of grays by up to so many turns. Saturation
and hue leave images without three channels as they are. Nothing is cut off at 0 or 1, and the target stays. In
evaluation images are left as they are. Source: Krizhevsky, Sutskever and Hinton (2012), doi:10.1145/3065386, section
4.1; Howard (2013), arXiv:1312.5402, section 2, for the four factors.
Parity: none; the tests measure what each change keeps and how its factors spread.
"""

from __future__ import annotations

from torch import Tensor

from regcore.hyper import real
from regcore.lanes.photometry import brightened, contrasted, hue_turned, is_colored, saturated
from regcore.lanes.randomness import uniform
from regcore.sites import Batch, BatchTransform, Key


class ColorJitter(BatchTransform):
    order = 1
    inputs = ("image",)

    brightness: Tensor = real(
        0.0, 1.0, default=0.2, off=0.0, search=(0.0, 0.5), doc="How far brightness may be from the image's own."
    )
    contrast: Tensor = real(
        0.0, 1.0, default=0.2, off=0.0, search=(0.0, 0.5), doc="How far contrast may be from the image's own."
    )
    saturation: Tensor = real(0.0, 1.0, default=0.0, off=0.0, doc="How far saturation may be from the image's own.")
    hue: Tensor = real(0.0, 0.5, default=0.0, off=0.0, doc="How far hues turn to either side; 0.5 is half a turn.")

    def apply(self, batch: Batch, key: Key) -> Batch:
        drawn = 2 * uniform(key, (4, len(batch.inputs))) - 1
        images = brightened(batch.inputs, 1 + drawn[0] * self.brightness)
        images = contrasted(images, 1 + drawn[1] * self.contrast)
        if is_colored(images):
            images = saturated(images, 1 + drawn[2] * self.saturation)
            images = hue_turned(images, drawn[3] * self.hue)
        return batch._replace(inputs=images)
