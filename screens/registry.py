"""Which screen draws which view: one screen class a view class. The attract screen is the stage's own: it is
the first picture, which waits for no other screen."""

from __future__ import annotations

from typing import Any

from kiosk import views
from screens.citizen.choose import ChooseScreen
from screens.citizen.code import EnterCodeScreen
from screens.citizen.compartment import CompartmentScreen
from screens.citizen.consent import ConsentScreen
from screens.citizen.dialogs import AssistanceDialog, MoreTimeDialog
from screens.citizen.ending import FinishedScreen, TakeAwayScreen
from screens.citizen.face import FaceScreen
from screens.citizen.form import FormScreen
from screens.citizen.home import HomeScreen
from screens.citizen.identify import PlaceCardScreen
from screens.citizen.papers import DocumentPagesScreen, PrintingScreen
from screens.citizen.pay import PayScreen
from screens.citizen.progress import ProgressScreen
from screens.citizen.reading import GuideScreen, RecordScreen, ReviewScreen
from screens.citizen.scan import ScanOrTypeScreen
from screens.citizen.search import SearchScreen
from screens.citizen.sign import SignScreen
from screens.citizen.trouble import OutOfServiceScreen, TroubleScreen
from screens.screen import Screen
from screens.technician.devices import DevicesScreen
from screens.technician.pin import EnterPinScreen

SCREENS: dict[type[views.View[Any]], type[Screen[Any]]] = {
    views.Home: HomeScreen,
    views.Guide: GuideScreen,
    views.PlaceCard: PlaceCardScreen,
    views.Choose: ChooseScreen,
    views.Review: ReviewScreen,
    views.Form: FormScreen,
    views.ScanOrType: ScanOrTypeScreen,
    views.EnterCode: EnterCodeScreen,
    views.Pay: PayScreen,
    views.Progress: ProgressScreen,
    views.Record: RecordScreen,
    views.DocumentPages: DocumentPagesScreen,
    views.Printing: PrintingScreen,
    views.Consent: ConsentScreen,
    views.Search: SearchScreen,
    views.Sign: SignScreen,
    views.FaceCamera: FaceScreen,
    views.OpenCompartment: CompartmentScreen,
    views.TakeAway: TakeAwayScreen,
    views.Finished: FinishedScreen,
    views.Trouble: TroubleScreen,
    views.MoreTime: MoreTimeDialog,
    views.AssistanceCall: AssistanceDialog,
    views.OutOfService: OutOfServiceScreen,
    views.EnterPin: EnterPinScreen,
    views.DevicesPage: DevicesScreen,
}
