"""A model as its YAML declares it, in PyTorch: eager, or passes through `torch.compile`; channels-last, fused Adam."""

import peer

parser = peer.options()
parser.add_argument("--compile", action="store_true", help="use torch.compile")
asked = parser.parse_args()
peer.prepare_environment(asked.threads)

import torch
import torch.nn.functional as F

from spec import Spec, logits
from torch_layers import Network

LOSSES = {  # of real images, of fakes, and of the generator's fakes; with the boundary of D's judgement
    "bce": (lambda y: F.softplus(-y).mean(), lambda y: F.softplus(y).mean(), lambda y: F.softplus(-y).mean(), 0),
    "hinge": (lambda y: F.relu(1 - y).mean(), lambda y: F.relu(1 + y).mean(), lambda y: -y.mean(), 0),
    "lsgan": (
        lambda y: (y - 1).square().mean() / 2,
        lambda y: y.square().mean() / 2,
        lambda y: (y - 1).square().mean() / 2,
        0.5,
    ),
}


class Gan:
    versions = {"torch": torch.__version__}
    # PyTorch's Adam adds ε where its effect is 30 times smaller in the first step: g_loss, after D's steps, shows it.
    tolerance = 1e-3

    def __init__(self, asked, spec):
        torch.set_num_threads(asked.threads)
        self.train, self.classes = spec.train, spec.classes
        # The check needs TensorFlow's padding; padding on both sides is the same work without a copy.
        networks = (Network(layers, asked.check) for layers in (spec.networks["generator"], logits(spec.networks["discriminator"])))
        self.generator, self.discriminator = (network.to(memory_format=torch.channels_last) for network in networks)
        rate = self.train["learningRate"]
        self.g_optimizer = self.adam(self.generator, rate)
        self.d_optimizer = self.adam(self.discriminator, self.train.get("discriminatorLearningRate", rate))
        self.loss_real, self.loss_fake, self.loss_generator, self.boundary = LOSSES[self.train.get("loss", "bce")]
        self.averages = [p.detach().clone() for p in self.generator.parameters()] if self.train.get("ema") else []
        compiled = torch.compile if asked.compile else lambda function: function
        self.generate = compiled(self._generate)
        self.real_loss = compiled(self._real_loss)
        self.fake_loss = compiled(self._fake_loss)
        self.both_losses = compiled(self._both_losses)
        self.generator_loss = compiled(self._generator_loss)

    def adam(self, network, rate):
        train = self.train
        settings = {"lr": rate, "betas": (float(train["beta1"]), float(train["beta2"])), "eps": train["epsilon"]}
        return torch.optim.Adam(network.parameters(), **settings, fused=True)

    def load(self, weights):
        self.generator.load(weights)
        self.discriminator.load(weights)

    def class_loss(self, heads, labels):
        """Cross-entropy of the class head, weighted; 0 without one (Odena et al. 2017)."""
        return self.train["classWeight"] * F.cross_entropy(heads["class"], labels) if "class" in heads else 0

    def _generate(self, z, labels, mode):
        return self.generator(z, labels, mode)[0]

    def _real_loss(self, images, labels):
        y, heads = self.discriminator(images, labels, "training")
        loss = self.loss_real(y)
        return loss + self.class_loss(heads, labels), loss, self.share(y > self.boundary)

    def _fake_loss(self, fakes, labels):
        y, _ = self.discriminator(fakes, labels, "training")
        return self.loss_fake(y), self.share(y <= self.boundary)

    def _both_losses(self, images, fakes, labels):
        total, real, right_real = self._real_loss(images, labels)
        fake, right_fake = self._fake_loss(fakes, labels)
        return total + fake, real, fake, right_real, right_fake

    def _generator_loss(self, fakes, labels):
        y, heads = self.discriminator(fakes, labels, "frozen")
        loss = self.loss_generator(y)
        return loss + self.class_loss(heads, labels), loss

    @staticmethod
    def share(right):
        return right.float().mean()

    @staticmethod
    def update(optimizer, loss):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def discriminator_step(self, real, fakes, labels):
        if self.train.get("discriminatorUpdate", "separate") == "joint":
            total, loss_real, loss_fake, right_real, right_fake = self.both_losses(real, fakes, labels)
            self.update(self.d_optimizer, total)
        else:
            total, loss_real, right_real = self.real_loss(real, labels)
            self.update(self.d_optimizer, total)
            loss_fake, right_fake = self.fake_loss(fakes, labels)
            self.update(self.d_optimizer, loss_fake)
        values = [x.item() for x in (loss_real, loss_fake, right_real, right_fake)]
        return {
            "d_loss_real": values[0],
            "d_loss_fake": values[1],
            "d_loss": (values[0] + values[1]) / 2,
            "d_accuracy": (values[2] + values[3]) / 2,
        }

    def fakes_for_training(self, z, labels, mode):
        with torch.no_grad():
            return self.generate(z, labels, mode)

    def step(self, noise, images, labels):
        z = torch.from_numpy(noise)
        labels = F.one_hot(torch.from_numpy(labels).long(), self.classes).float()
        real = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1  # NHWC bytes are channels-last
        rounds = list(zip(*(x.chunk(self.train["discriminatorSteps"]) for x in (z, real, labels))))
        shared, records = self.train["fakes"] == "shared", []
        self.discriminator.requires_grad_(True)
        for part, images, classes in rounds[:-1]:
            fakes = self.fakes_for_training(part, classes, "frozen" if shared else "inference")
            records.append(self.discriminator_step(images, fakes, classes))
        z, real, labels = rounds[-1]
        if shared:
            fakes = self.generate(z, labels, "training")
            trained_on = fakes.detach()
        else:
            trained_on = self.fakes_for_training(z, labels, "inference")
        records.append(self.discriminator_step(real, trained_on, labels))
        self.discriminator.requires_grad_(False)
        if not shared:
            fakes = self.generate(z, labels, "training")
        total, g_loss = self.generator_loss(fakes, labels)
        self.update(self.g_optimizer, total)
        if self.averages:
            with torch.no_grad():
                torch._foreach_lerp_(self.averages, list(self.generator.parameters()), 1 - self.train["ema"])
        means = {name: sum(record[name] for record in records) / len(records) for name in records[0]}
        return means | {"g_loss": g_loss.item()}


spec = Spec(asked.model, asked.fakes)
peer.run("torch.compile" if asked.compile else "torch eager", asked, Gan(asked, spec), spec)
