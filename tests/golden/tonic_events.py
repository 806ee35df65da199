"""Records what tonic's transforms make of a few hundred events of a recording.

Run:  python tonic_events.py      (writes tonic_events.npz beside it; pip install tonic==1.7.0)
The events are the 600 of examples/data/dvs_gesture_1.bin after the first 2000, inside a box of 48 x 40 pixels, and 150 of a
pixel that is made hot. Times start at 1 s: tonic's Denoise and RefractoryPeriod take pixels for touched at time 0.
"""

from pathlib import Path

import numpy as np
import tonic
import tonic.transforms as tf
from tonic.functional import identify_hot_pixel
from tonic.slicers import SliceByEventCount, SliceByTime

HERE = Path(__file__).resolve().parent
EVENT = np.dtype([("x", np.int64), ("y", np.int64), ("t", np.int64), ("p", np.int64)])
SENSOR = (48, 40, 2)


def recording():
    """Events of a 40-bit file, times from 1 s on."""
    data = np.fromfile(HERE / "../../examples/data/dvs_gesture_1.bin", np.uint8).reshape(-1, 5)
    data = data.astype(np.int64)
    events = np.zeros(len(data), EVENT)
    events["x"], events["y"], events["p"] = data[:, 0] - 40, data[:, 1] - 50, data[:, 2] >> 7
    events["t"] = ((data[:, 2] & 127) << 16) + (data[:, 3] << 8) + data[:, 4]
    inside = (events["x"] >= 0) & (events["x"] < SENSOR[0])
    inside &= (events["y"] >= 0) & (events["y"] < SENSOR[1])
    events = events[2000:][inside[2000:]][:600]
    hot = np.zeros(150, EVENT)
    hot["x"], hot["y"] = 31, 7
    hot["t"] = np.linspace(events["t"][0], events["t"][-1], 150).astype(np.int64)
    events = np.concatenate((events, hot))
    events = events[np.argsort(events["t"], kind="stable")]
    events["t"] += 1_000_000 - events["t"][0]
    return events


events = recording()
length = int(events["t"][-1] - events["t"][0])
hot = identify_hot_pixel(events, 60 / (length * 1e-6))
transforms = {
    "ba:2ms:neighbours=4": tf.Denoise(filter_time=2000),
    "ba:20ms:neighbours=4": tf.Denoise(filter_time=20_000),
    "refractory:1ms": tf.RefractoryPeriod(delta=1000),
    "refractory:10ms": tf.RefractoryPeriod(delta=10_000),
    "decimate:3": tf.Decimation(n=3),
    "drop_pixels": tf.DropPixel(coordinates=hot),
    "downsample:2": tf.Downsample(spatial_factor=0.5),
    "downsample:4:y_factor=8": tf.Downsample(spatial_factor=(0.25, 0.125)),
    "crop:14:15:20:10": tf.CenterCrop(sensor_size=SENSOR, size=(20, 10)),
    "polarity:merge": tf.MergePolarities(),
    "polarity:invert": tf.RandomFlipPolarity(p=1),
    "time_scale:3": tf.Downsample(time_factor=3),
    "slice:1.001s:1005001us:origin=zero": tf.CropTime(min=1_001_000, max=1_005_000),
    "flip:x": tf.RandomFlipLR(sensor_size=SENSOR, p=1),
    "flip:y": tf.RandomFlipUD(sensor_size=SENSOR, p=1),
}
made = {name: transform(events.copy()) for name, transform in transforms.items()}
made = {name: np.array([a["t"], a["x"], a["y"], a["p"]]) for name, a in made.items()}
window = length // 7
arrays = {
    "frames window": tf.ToFrame(sensor_size=SENSOR, time_window=window)(events.copy()),
    "frames count": tf.ToFrame(sensor_size=SENSOR, event_count=100)(events.copy()),
    "frames bins": tf.ToFrame(sensor_size=SENSOR, n_time_bins=4)(events.copy()),
    "voxel grid": tf.ToVoxelGrid(sensor_size=SENSOR, n_time_bins=5)(events.copy()),
    "time surfaces": tf.ToTimesurface(sensor_size=SENSOR, dt=window, tau=3000.0)(events.copy()),
}
slicers = {
    "slices of 100 events": SliceByEventCount(event_count=100),
    "slices of a window": SliceByTime(time_window=window),
}
slices = {  # rows of begin, end
    name: slicer.get_slice_metadata(events, None) for name, slicer in slicers.items()
}
np.savez_compressed(
    HERE / "tonic_events.npz",
    version=tonic.__version__,
    events=np.array([events["t"], events["x"], events["y"], events["p"]]),
    hot_pixels=hot,
    window=window,
    **made,
    **arrays,
    **slices,
)
