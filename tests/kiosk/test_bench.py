"""The bench's hands reach every simulated device, whatever it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kiosk.bench import PanelHands, World
from kiosk.calls import Errands
from kiosk.config import Config, load
from kiosk.simulation import Simulation

WITHIN_S = 200.0


async def test_the_panel_offers_each_simulated_device_its_situations(
    config_dir: Path, tmp_path: Path
) -> None:
    # GIVEN a terminal with a simulated supply besides the bench's usual devices, and no sandbox
    file = config_dir / "terminal.toml"
    text = file.read_text(encoding="utf-8").replace("own = true", "own = false")
    file.write_text(f'{text}\n[devices.ups]\nport = "simulated"\n', encoding="utf-8")
    config = load(config_dir)
    assert isinstance(config, Config)
    async with asyncio.timeout(WITHIN_S):
        simulation = await Simulation.start(config, tmp_path)
        errands = Errands()
        hands = PanelHands(simulation, errands)
        # THEN each is offered with what its own simulator knows
        offered = hands.situations()
        assert sorted(offered) == [
            *("camera", "compartments", "document_printer", "id_card"),
            *("receipt_printer", "scanner", "ups"),
        ]
        assert "paper_out" in offered["receipt_printer"]
        # WHEN one is touched
        hands.situate("ups", offered["ups"][-1])
        # THEN that simulator is in it
        control = simulation.control("ups")
        now = ""
        while now != offered["ups"][-1]:
            now = (await control.do("state"))["situation"]
        await errands.close()
        await simulation.close()


async def test_the_panel_holds_what_the_departments_have_to_be_scanned(
    config_dir: Path, tmp_path: Path
) -> None:
    # GIVEN a bench with its sandbox, and a panel that has looked at the phone
    config = load(config_dir)
    assert isinstance(config, Config)
    async with asyncio.timeout(WITHIN_S):
        simulation = await Simulation.start(config, tmp_path)
        errands = Errands()
        hands = PanelHands(simulation, errands)
        assert list(hands.sample_kinds()) == []
        hands.look_at_phone()
        samples = await World(simulation).samples()
        while not hands.sample_kinds():
            samples = await World(simulation).samples()
        # WHEN a code of the first kind is held before the scanner
        assert set(hands.sample_kinds()) == set(samples)
        kind = next(iter(samples))
        hands.hold_sample(kind)
        # THEN the scanner has it before it
        scanner = simulation.control("scanner")
        shown = False
        while not shown:
            shown = (await scanner.do("state"))["shown"]
        # and nothing came to a phone yet
        assert list(hands.messages()) == []
        await errands.close()
        await simulation.close()
