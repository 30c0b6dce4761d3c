"""Layers with weights; snnTorch's neurons hold those of the spiking ones."""

from c5snn.nn.delays import DelayLines
from c5snn.nn.encoding import Encoder, EncodingName
from c5snn.nn.fluctuation import InitName
from c5snn.nn.grid_attention import AttentionPooling, AttentionSizes, CrossAttention, GridEncoder
from c5snn.nn.grids import PairEncoder
from c5snn.nn.heads import HeadName, HeadOptions, PrototypeHead, category_head, reduced_centroids
from c5snn.nn.multi_step import LayerOptions, MultiStepLIF, Synapses, spiking_convolution, spiking_linear
from c5snn.nn.norm import CurrentNorm, NormName
from c5snn.nn.patches import ChannelPatchEncoder, MixingPatchEncoder, PatchSizes, PatchVariant, RevIN, patch_encoder
from c5snn.nn.readout import Readout, ReadoutName, mean_over_time
from c5snn.nn.recurrent_stack import RecurrentStack
from c5snn.nn.spiking import LIF, RecurrentLIF
from c5snn.nn.transformer import BlockSizes, ResidualName, SpikingAttention, spiking_blocks

__all__ = [
    "LIF",
    "AttentionPooling",
    "AttentionSizes",
    "BlockSizes",
    "ChannelPatchEncoder",
    "CrossAttention",
    "CurrentNorm",
    "DelayLines",
    "Encoder",
    "EncodingName",
    "GridEncoder",
    "HeadName",
    "HeadOptions",
    "InitName",
    "LayerOptions",
    "MixingPatchEncoder",
    "MultiStepLIF",
    "NormName",
    "PairEncoder",
    "PatchSizes",
    "PatchVariant",
    "PrototypeHead",
    "Readout",
    "ReadoutName",
    "RecurrentLIF",
    "RecurrentStack",
    "ResidualName",
    "RevIN",
    "SpikingAttention",
    "Synapses",
    "category_head",
    "mean_over_time",
    "patch_encoder",
    "reduced_centroids",
    "spiking_blocks",
    "spiking_convolution",
    "spiking_linear",
]
