"""PyTorch: eager, or the forward and backward passes through `torch.compile`; channels-last, fused Adam."""

import peer

parser = peer.options()
parser.add_argument("--compile", action="store_true", help="use torch.compile")
asked = parser.parse_args()
peer.prepare_environment(asked.threads)

import torch
import torch.nn.functional as F

from torch_gan import Discriminator, Generator, load


def adam(network):
    return torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999), eps=1e-7, fused=True)


class TorchGan:
    versions = {"torch": torch.__version__}
    # PyTorch's Adam adds ε where its effect is 30 times smaller in the first step: g_loss, after D's steps, shows it.
    tolerance = 1e-3

    def __init__(self, asked):
        torch.set_num_threads(asked.threads)
        conditional = asked.model == "cgan"
        self.shared = asked.fakes == "shared"
        # The check needs TensorFlow's padding; padding on both sides is the same work without a copy.
        self.generator = Generator(conditional).to(memory_format=torch.channels_last)
        self.discriminator = Discriminator(conditional, tensorflow_padding=asked.check)
        self.discriminator.to(memory_format=torch.channels_last)
        self.g_optimizer, self.d_optimizer = adam(self.generator), adam(self.discriminator)
        compiled = torch.compile if asked.compile else lambda function: function
        self.generate = compiled(self._generate)
        self.discriminator_loss = compiled(self._discriminator_loss)
        self.generator_loss = compiled(self._generator_loss)

    def load(self, weights):
        load(self.generator, "generator", weights)
        load(self.discriminator, "discriminator", weights)

    def _generate(self, z, labels, training):
        return self.generator(z, labels, training)

    def _discriminator_loss(self, images, labels, target):
        logits = self.discriminator(images, labels, track=True)
        loss = F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
        return loss, ((logits > 0) == (target > 0)).float().mean()

    def _generator_loss(self, fakes, labels):
        logits = self.discriminator(fakes, labels, track=False)
        return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))

    def discriminator_step(self, images, labels, target):
        self.d_optimizer.zero_grad(set_to_none=True)
        loss, accuracy = self.discriminator_loss(images, labels, target)
        loss.backward()
        self.d_optimizer.step()
        return loss.item(), accuracy.item()

    def step(self, noise, images, labels):
        z = torch.from_numpy(noise)
        labels = F.one_hot(torch.from_numpy(labels).long(), 10).float()
        real = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1  # NHWC bytes are channels-last
        if self.shared:
            fakes = self.generate(z, labels, True)
            trained_on = fakes.detach()
        else:
            with torch.no_grad():
                trained_on = self.generate(z, labels, False)
        self.discriminator.requires_grad_(True)
        loss_real, accuracy_real = self.discriminator_step(real, labels, 1.0)
        loss_fake, accuracy_fake = self.discriminator_step(trained_on, labels, 0.0)
        self.discriminator.requires_grad_(False)
        if not self.shared:
            fakes = self.generate(z, labels, True)
        self.g_optimizer.zero_grad(set_to_none=True)
        g_loss = self.generator_loss(fakes, labels)
        g_loss.backward()
        self.g_optimizer.step()
        return {
            "d_loss_real": loss_real,
            "d_loss_fake": loss_fake,
            "d_loss": (loss_real + loss_fake) / 2,
            "d_accuracy": (accuracy_real + accuracy_fake) / 2,
            "g_loss": g_loss.item(),
        }


peer.run("torch.compile" if asked.compile else "torch eager", asked, TorchGan(asked))
