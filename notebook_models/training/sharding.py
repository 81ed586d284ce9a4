"""Weights, gradients and Adam's means cut up between processes, for models that one device cannot hold (FSDP2).

Each process keeps its part of every weight. A layer is put together when it is about to compute, and given up again
afterwards; its gradients are added up between the processes, and each is sent its own part of the sums.

Source: Rajbhandari et al. 2020, "ZeRO", stage 3.
"""

import warnings
from typing import Any

import torch
from torch import nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict, set_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

from notebook_models.training import distributed


def shard(model: nn.Module, device: torch.device) -> None:
    """Cut a model up in place, layer by layer: each member of a ModuleList, and what is left as one more.

    Every process must call this, before an optimizer is made. Raises ValueError where there is only one.
    """
    if distributed.ranks() == 1:
        msg = "expected several processes to cut a model up between, got one: start them with torchrun"
        raise ValueError(msg)
    warnings.filterwarnings("ignore", ".* returned a view tensor", UserWarning)  # nothing here is changed in place
    mesh = init_device_mesh(device.type, (distributed.ranks(),))
    for layers in [each for each in model.modules() if isinstance(each, nn.ModuleList)]:
        for layer in layers:
            fully_shard(layer, mesh=mesh)
            if hasattr(layer, "start"):  # a decoder layer reads the source before its forward pass
                register_fsdp_forward_method(layer, "start")
    fully_shard(model, mesh=mesh)


def gathered(model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the whole weights and the optimizer's whole state, on rank 0 alone; every process must ask."""
    return get_state_dict(model, optimizer, options=StateDictOptions(full_state_dict=True, cpu_offload=True))


def spread(
    model: nn.Module, optimizer: torch.optim.Optimizer, weights: dict[str, Any], state: dict[str, Any]
) -> None:
    """Take up what `gathered` has returned; every process must have all of it."""
    every, once = ({name for name, _ in model.named_parameters(remove_duplicate=only)} for only in (False, True))
    set_state_dict(
        model, optimizer,
        model_state_dict={name: weight for name, weight in weights.items() if name not in every - once},
        optim_state_dict=state,
        options=StateDictOptions(full_state_dict=True, strict=False),  # a tied weight has one name here, and is whole
    )  # fmt: skip
